package org.apache.http.entity.mime;

/** Imported by generated code for forms, and not used: the token's form is no multipart one. */
public final class MultipartEntityBuilder {}
