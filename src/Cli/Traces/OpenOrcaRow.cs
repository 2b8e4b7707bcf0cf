using System.Text.Json.Serialization;
using Orca.Streams.Storage;

namespace Orca.Cli.Traces;

/// <summary>A trace in the form of the OpenOrca data set, which <c>--tasks jsonl:FILE</c> reads again.</summary>
internal sealed class OpenOrcaRow
{
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    [JsonPropertyName("system_prompt")]
    public string SystemPrompt { get; set; } = "";

    [JsonPropertyName("question")]
    public string Question { get; set; } = "";

    [JsonPropertyName("response")]
    public string Response { get; set; } = "";

    /// <summary>The row of a trace that has an answer.</summary>
    public static OpenOrcaRow Of(StoredTrace trace) => new()
    {
        // As theirs: the collection, then what tells it from others.
        Id = $"{trace.Request.Query.Collection}.{trace.Id}",
        SystemPrompt = trace.Request.SystemMessage,
        Question = trace.Request.Query.Prompt,
        Response = trace.Answer!.Response,
    };
}
