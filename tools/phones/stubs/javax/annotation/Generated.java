package javax.annotation;

/** The name that generated code mentions; the real one is in a jar that no registry of ours carries. */
public @interface Generated {
  String[] value();

  String comments() default "";
}
