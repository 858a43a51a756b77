// Walks the journey of a learner with the generated models of Kotlin, as tools/journey.ts does. The generated APIs need okhttp,
// which no registry of ours carries, so the requests are made by the JDK's own client. script/clients-all runs it.

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.util.UUID
import kotlinx.serialization.KSerializer
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.JsonDecoder
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonEncoder
import kotlinx.serialization.json.jsonObject
import org.openapitools.client.infrastructure.Serializer
import org.openapitools.client.models.*

/** Free JSON, of which the generated code says only that it is `Any`. */
object FreeJson : KSerializer<Any> {
    override val descriptor: SerialDescriptor = JsonElement.serializer().descriptor
    override fun serialize(encoder: Encoder, value: Any) = (encoder as JsonEncoder).encodeJsonElement(value as JsonElement)
    override fun deserialize(decoder: Decoder): Any = (decoder as JsonDecoder).decodeJsonElement()
}

val http: HttpClient = HttpClient.newHttpClient()
val json by lazy {
    Serializer.kotlinxSerializationAdaptersConfiguration = { contextual(Any::class, FreeJson) }
    Serializer.kotlinxSerializationJsonConfiguration = { explicitNulls = false }
    Serializer.kotlinxSerializationJson
}

fun send(method: String, path: String, body: String?): HttpResponse<String> {
    val request = HttpRequest.newBuilder(URI(System.getenv("WAYMARK_URL") + path)).header("authorization", "Bearer ${System.getenv("WAYMARK_TOKEN")}")
    val content = if (body == null) HttpRequest.BodyPublishers.noBody() else HttpRequest.BodyPublishers.ofString(body)
    if (body != null) request.header("content-type", "application/json")
    return http.send(request.method(method, content).build(), HttpResponse.BodyHandlers.ofString())
}

/** The body of an answer that went well. */
inline fun <reified T> done(answer: HttpResponse<String>): T {
    check(answer.statusCode() in 200..299) { "${answer.statusCode()} ${answer.body()}" }
    return json.decodeFromString<T>(answer.body())
}

inline fun <reified T> read(path: String): T = done(send("GET", path, null))

inline fun <reified B, reified T> write(method: String, path: String, body: B): T = done(send(method, path, json.encodeToString(body)))

/** Every type of block in words: the `when` must know them all, or this does not compile. */
fun plain(block: Block): String = when (block) {
    is Block.HeadingWrapper -> block.value.text.text
    is Block.TextWrapper -> block.value.text.text
    is Block.CalloutWrapper -> block.value.text.text
    is Block.TableWrapper -> block.value.rows.flatten().joinToString(" ") { it.text }
    is Block.EvidenceWrapper -> block.value.content
    is Block.StepsWrapper -> block.value.steps.joinToString(" ") { it.text }
    is Block.ImageWrapper -> block.value.alt.text
}

/** An answer of the item's kind; a real front end asks the learner. */
fun someAnswer(item: QuizItem, drawn: Drawn): ItemResponse {
    val first = drawn.options.firstOrNull() ?: ""
    return when (item.kind) {
        "single_choice" -> ItemResponse.SingleChoiceWrapper(SingleChoiceResponse(kind = SingleChoiceResponseKind.single_choice, option = first))
        "multiple_response" ->
            ItemResponse.MultipleResponseWrapper(MultipleResponseResponse(kind = MultipleResponseResponseKind.multiple_response, options = drawn.options.take(2)))
        "ordering" -> ItemResponse.OrderingWrapper(OrderingResponse(kind = OrderingResponseKind.ordering, options = drawn.options))
        "matching" -> {
            val pairs = item.prompts.orEmpty().map { MatchedPair(prompt = it.id, choice = first) }
            ItemResponse.MatchingWrapper(MatchingResponse(kind = MatchingResponseKind.matching, pairs = pairs))
        }
        "short_text" -> ItemResponse.ShortTextWrapper(ShortTextResponse(kind = ShortTextResponseKind.short_text, text = "content_filter"))
        "numeric" -> ItemResponse.NumericWrapper(NumericResponse(kind = NumericResponseKind.numeric, value = 4.0))
        "point_at_field" -> {
            val name = json.parseToJsonElement(item.evidence[item.shown ?: 0].content).jsonObject.keys.first()
            val pointer = "/" + name.replace("~", "~0").replace("/", "~1") // RFC 6901
            ItemResponse.PointAtFieldWrapper(PointAtFieldResponse(kind = PointAtFieldResponseKind.point_at_field, pointer = pointer))
        }
        else -> error("this program does not know items of the kind ${item.kind}")
    }
}

fun main() {
    val slug = read<LessonList>("/v1/lessons").items.first().slug
    val lesson = read<Lesson>("/v1/lessons/$slug")
    val quiz = read<Quiz>("/v1/lessons/$slug/quiz")
    val exercise = read<Exercise>("/v1/lessons/$slug/exercise")
    println("read      ${lesson.blocks.joinToString(" ", transform = ::plain).length} characters, ${quiz.items.size} items, ${exercise.steps.size} steps")

    val kinds = quiz.items.map { item ->
        val answer = someAnswer(item, Drawn(item.id, item.options.map { it.id }))
        check(json.decodeFromString<ItemResponse>(json.encodeToString(answer)) == answer)
        item.kind
    }
    println("kinds     ${kinds.toSet().size}")

    val learner = LearnerRef(identity = IdentityRef(system = "https://school.example", id = UUID.randomUUID().toString()))
    val attempt = write<AttemptPut, Attempt>("POST", "/v1/attempts", AttemptPut(lesson = slug, learner = learner, purpose = "practice", submit = Submit.BooleanValue(false)))
    println("start     ${attempt.state}")

    val bank = quiz.items.associateBy { it.id }
    val answers = attempt.order.orEmpty().map { ResponsePut(item = it.item, seq = 1, response = someAnswer(bank.getValue(it.item), it)) }
    val one = OneResponsePut(seq = 1, response = answers.first().response)
    val results = listOf(write<OneResponsePut, SaveResult>("PUT", "/v1/attempts/${attempt.id}/responses/${answers.first().item}", one)) +
        write<ResponsesPut, SaveResults>("PUT", "/v1/attempts/${attempt.id}/responses", ResponsesPut(answers.drop(1))).results
    println("answer    ${results.count { it.status == "saved" }} saved")

    val wrong = ItemResponse.SingleChoiceWrapper(SingleChoiceResponse(kind = SingleChoiceResponseKind.single_choice, option = "no such option"))
    val refused = send("PUT", "/v1/attempts/${attempt.id}/responses/${answers.first().item}", json.encodeToString(OneResponsePut(seq = 2, response = wrong)))
    val problem = json.decodeFromString<Problem>(refused.body())
    println("refused   ${problem.status} ${problem.code}, ${problem.retry}")

    val graded = done<Attempt>(send("POST", "/v1/attempts/${attempt.id}/submit", null))
    check(read<Attempt>("/v1/attempts/${attempt.id}") == graded)
    check(graded.items.orEmpty().map { it.response } == graded.items.orEmpty().map { view -> answers.single { it.item == view.item }.response })
    println("submit    ${graded.result?.max?.toInt()} points to be had")

    val evidence = Evidence(provider = "openai", http = HttpEvidence(status = 400, headers = listOf(HttpHeader("content-type", "application/json")), body = "{}"))
    val draft = SubmissionPut(lesson = slug, learner = learner, evidence = evidence, diagnosis = Diagnosis(layer = "pre_classifier", confidence = 0.5))
    val submission = write<SubmissionPut, Submission>("POST", "/v1/submissions", draft)
    check(read<Submission>("/v1/submissions/${submission.id}") == submission)
    println("hand in   ${submission.state}, revision ${submission.revision}, ${submission.diagnosis?.layer}")

    val page = read<RecordPage>("/v1/records?learner=${attempt.learner}")
    val about = page.items.filter { it.`object`.id == attempt.id.toString() }.map { it.kind }
    val byClient = page.items.count { it.actor?.principal is Principal.ClientWrapper }
    println("records   ${page.items.size}, by a client: $byClient, of the attempt: ${about.joinToString(", ")}")
}
