using System.Globalization;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>The columns of a request (<c>r</c>) and its answer (<c>a</c>), and what they mean.</summary>
internal static class TraceColumns
{
    /// <summary>The columns, as the first of a query.</summary>
    public const string All = """
        r.key, r.stage, r.query_id, r.collection, r.task, r.answer_kind, r.chance, r.difficulty, r.body,
        a.finish, a.teacher, a.prompt_tokens, a.completion_tokens, a.cost, a.latency_ticks, a.body, r.sample
        """;

    /// <summary>How many there are.</summary>
    public const int Count = 17;

    /// <summary>The request's key.</summary>
    public static long KeyIn(SqliteRow row) => row.Integer(0);

    /// <summary>Whether the request has an answer.</summary>
    public static bool HasAnswer(SqliteRow row) => !row.IsNull(9);

    /// <summary>The trace of a row that has an answer.</summary>
    public static Trace TraceIn(SqliteRow row)
    {
        var answer = Packing.Unpack<AnswerBody>(row.Bytes(15));
        return new Trace
        {
            Request = RequestIn(row),
            Response = answer.Response,
            Reasoning = answer.Reasoning,
            Finish = Enum.Parse<TeacherFinish>(row.Text(9)),
            Teacher = row.Text(10),
            PromptTokens = row.Count(11),
            CompletionTokens = row.Count(12),
            Cost = decimal.Parse(row.Text(13), CultureInfo.InvariantCulture),
            Latency = TimeSpan.FromTicks(row.Integer(14)),
        };
    }

    /// <summary>The request of a row.</summary>
    public static TeacherRequest RequestIn(SqliteRow row)
    {
        var texts = Packing.Unpack<RequestBody>(row.Bytes(8));
        return new TeacherRequest
        {
            Stage = row.Text(1),
            SystemMessage = texts.SystemMessage,
            Sample = row.Count(16),
            Mistake = texts.Mistake,
            Hint = texts.Hint,
            Query = new TaskQuery
            {
                Id = row.Text(2),
                Collection = row.Text(3),
                Task = row.Text(4),
                AnswerKind = Enum.Parse<AnswerKind>(row.Text(5)),
                Chance = row.IsNull(6) ? null : row.Real(6),
                Difficulty = row.IsNull(7) ? null : row.Count(7),
                Prompt = texts.Prompt,
                GoldAnswers = texts.GoldAnswers,
                Explanation = texts.Explanation,
                SystemMessage = texts.PrescribedMessage,
            },
        };
    }
}
