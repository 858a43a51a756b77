// Walks the journey of a learner through the whole generated client of Java, as tools/journey.ts does. script/clients-all runs it.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AttemptsApi;
import org.openapitools.client.api.LessonsApi;
import org.openapitools.client.api.RecordsApi;
import org.openapitools.client.api.SubmissionsApi;
import org.openapitools.client.model.*;

public final class Journey {
  private static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper();

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("WAYMARK_URL"));
    client.setRequestInterceptor(request -> request.header("authorization", "Bearer " + System.getenv("WAYMARK_TOKEN")));
    LessonsApi lessons = new LessonsApi(client);
    AttemptsApi attempts = new AttemptsApi(client);

    String slug = lessons.listLessons(null, null).getItems().get(0).getSlug();
    Lesson lesson = lessons.readLesson(slug, null, null, null);
    Quiz quiz = lessons.readQuiz(slug, null, null, null);
    Exercise exercise = lessons.readExercise(slug, null, null, null);
    int length = lesson.getBlocks().stream().map(Journey::plain).collect(Collectors.joining(" ")).length();
    System.out.printf("read      %d characters, %d items, %d steps%n", length, quiz.getItems().size(), exercise.getSteps().size());

    Set<String> kinds = new HashSet<>();
    for (QuizItem item : quiz.getItems()) {
      Drawn all = new Drawn().item(item.getId()).options(item.getOptions().stream().map(QuizOption::getId).collect(Collectors.toList()));
      ItemResponse answer = someAnswer(item, all);
      Object read = JSON.readValue(JSON.writeValueAsString(answer), ItemResponse.class).getActualInstance();
      check(read.equals(answer.getActualInstance()), "an answer is read as it was written: " + item.getId());
      kinds.add(item.getKind());
    }
    System.out.printf("kinds     %d%n", kinds.size());

    LearnerRef learner = new LearnerRef().identity(new IdentityRef().system("https://school.example").id(UUID.randomUUID().toString()));
    AttemptPut start = new AttemptPut().lesson(slug).learner(learner).purpose("practice").submit(new Submit(false));
    String key = UUID.randomUUID().toString();
    Attempt attempt = attempts.startAttempt(start, key);
    check(attempts.startAttempt(start, key).getId().equals(attempt.getId()), "a repeated request gives the same attempt");
    System.out.printf("start     %s%n", attempt.getState());

    Map<String, QuizItem> bank = new HashMap<>();
    quiz.getItems().forEach(item -> bank.put(item.getId(), item));
    Map<String, ItemResponse> answers = new HashMap<>();
    List<ResponsePut> puts = new ArrayList<>();
    for (Drawn drawn : attempt.getOrder()) {
      QuizItem item = bank.get(drawn.getItem());
      answers.put(item.getId(), someAnswer(item, drawn));
      puts.add(new ResponsePut().item(item.getId()).seq(1L).response(answers.get(item.getId())));
    }
    ResponsePut first = puts.remove(0);
    List<SaveResult> results = new ArrayList<>();
    results.add(attempts.putResponse(attempt.getId(), first.getItem(), new OneResponsePut().seq(1L).response(first.getResponse())));
    results.addAll(attempts.putResponses(attempt.getId(), new ResponsesPut().responses(puts)).getResults());
    System.out.printf("answer    %d saved%n", results.stream().filter(one -> one.getStatus().equals("saved")).count());

    try {
      attempts.putResponse(attempt.getId(), first.getItem(), new OneResponsePut().seq(2L).response(choice("no such option")));
      throw new IllegalStateException("an option that does not exist was taken");
    } catch (ApiException refused) {
      Problem problem = JSON.readValue(refused.getResponseBody(), Problem.class);
      System.out.printf("refused   %d %s, %s%n", problem.getStatus(), problem.getCode(), problem.getRetry());
    }

    Attempt graded = attempts.submitAttempt(attempt.getId(), null);
    check(attempts.readAttempt(attempt.getId()).equals(graded), "what is read is what was answered");
    for (ItemView view : graded.getItems()) {
      Object given = answers.get(view.getItem()).getActualInstance();
      check(view.getResponse().getActualInstance().equals(given), "the answer to " + view.getItem() + " comes back as it was given");
    }
    System.out.printf("submit    %.0f points to be had%n", graded.getResult().getMax());

    SubmissionsApi submissions = new SubmissionsApi(client);
    HttpEvidence answer = new HttpEvidence().status(400).headers(List.of(new HttpHeader().name("content-type").value("application/json"))).body("{}");
    SubmissionPut work = new SubmissionPut().lesson(slug).learner(learner).evidence(new Evidence().provider("openai").http(answer));
    Submission submission = submissions.createSubmission(work.diagnosis(new Diagnosis().layer("pre_classifier").confidence(0.5)), null);
    check(submissions.readSubmission(submission.getId(), null).equals(submission), "what is read is what was answered");
    System.out.printf("hand in   %s, revision %d, %s%n", submission.getState(), submission.getRevision(), submission.getDiagnosis().getLayer());

    List<LearningRecord> records = new RecordsApi(client).listRecords(null, null, attempt.getLearner(), null, null).getItems();
    String about = records.stream().filter(one -> one.getObject().getId().equals(attempt.getId().toString())).map(LearningRecord::getKind).collect(Collectors.joining(", "));
    long byClient = records.stream().filter(one -> one.getActor().getPrincipal().getActualInstance() instanceof PrincipalClient).count();
    System.out.printf("records   %d, by a client: %d, of the attempt: %s%n", records.size(), byClient, about);
  }

  private static String plain(Block block) {
    Object one = block.getActualInstance();
    if (one instanceof HeadingBlock heading) return heading.getText().getText();
    if (one instanceof TextBlock text) return text.getText().getText();
    if (one instanceof CalloutBlock callout) return callout.getText().getText();
    if (one instanceof EvidenceBlock evidence) return evidence.getContent();
    if (one instanceof StepsBlock steps) return steps.getSteps().stream().map(RichText::getText).collect(Collectors.joining(" "));
    if (one instanceof ImageBlock image) return image.getAlt().getText();
    TableBlock table = (TableBlock) one;
    return table.getRows().stream().flatMap(List::stream).map(RichText::getText).collect(Collectors.joining(" "));
  }

  private static ItemResponse choice(String option) {
    return new ItemResponse(new SingleChoiceResponse().kind(SingleChoiceResponseKind.SINGLE_CHOICE).option(option));
  }

  /** An answer of the item's kind; a real front end asks the learner. */
  private static ItemResponse someAnswer(QuizItem item, Drawn drawn) throws Exception {
    List<String> options = drawn.getOptions();
    switch (item.getKind()) {
      case "single_choice":
        return choice(options.get(0));
      case "multiple_response":
        return new ItemResponse(new MultipleResponseResponse().kind(MultipleResponseResponseKind.MULTIPLE_RESPONSE).options(options.subList(0, 2)));
      case "ordering":
        return new ItemResponse(new OrderingResponse().kind(OrderingResponseKind.ORDERING).options(options));
      case "matching":
        List<MatchedPair> pairs = item.getPrompts().stream().map(prompt -> new MatchedPair().prompt(prompt.getId()).choice(options.get(0))).collect(Collectors.toList());
        return new ItemResponse(new MatchingResponse().kind(MatchingResponseKind.MATCHING).pairs(pairs));
      case "short_text":
        return new ItemResponse(new ShortTextResponse().kind(ShortTextResponseKind.SHORT_TEXT).text("content_filter"));
      case "numeric":
        return new ItemResponse(new NumericResponse().kind(NumericResponseKind.NUMERIC).value(4.0));
      case "point_at_field":
        int shown = Objects.requireNonNullElse(item.getShown(), 0);
        String name = JSON.readTree(item.getEvidence().get(shown).getContent()).fieldNames().next();
        String pointer = "/" + name.replace("~", "~0").replace("/", "~1"); // RFC 6901
        return new ItemResponse(new PointAtFieldResponse().kind(PointAtFieldResponseKind.POINT_AT_FIELD).pointer(pointer));
      default:
        throw new IllegalStateException("this program does not know items of the kind " + item.getKind());
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new IllegalStateException("not so: " + what);
  }
}
