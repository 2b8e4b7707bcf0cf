using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>The texts of a request.</summary>
internal sealed record RequestBody(
    string SystemMessage, string Prompt, ImmutableArray<string> GoldAnswers, string? Explanation, string? PrescribedMessage,
    string? Mistake = null, string? Hint = null)
{
    public static RequestBody Of(TeacherRequest request) => new(
        request.SystemMessage, request.Query.Prompt, request.Query.GoldAnswers, request.Query.Explanation, request.Query.SystemMessage,
        request.Mistake, request.Hint);
}

/// <summary>The texts of an answer.</summary>
internal sealed record AnswerBody(string Response, string Reasoning);

/// <summary>A request that is ready to be written; made outside of the writer's loop.</summary>
internal sealed record PackedRequest(TeacherRequest Request, string Id, byte[] Body)
{
    public static PackedRequest Of(TeacherRequest request) => new(request, request.Id, Packing.Pack(RequestBody.Of(request)));
}

/// <summary>An answer that is ready to be written; made outside of the writer's loop.</summary>
internal sealed record PackedAnswer(Trace Trace, byte[] Body)
{
    public static PackedAnswer Of(Trace trace) => new(trace, Packing.Pack(new AnswerBody(trace.Response, trace.Reasoning)));
}
