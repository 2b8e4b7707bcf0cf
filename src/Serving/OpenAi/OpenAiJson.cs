using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Serving.OpenAi;

/// <summary>How these records are read and written: without reflection, by names with underscores.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(OpenAiResponse<ChatChoice>))]
[JsonSerializable(typeof(OpenAiResponse<ChatChunkChoice>))]
[JsonSerializable(typeof(OpenAiResponse<CompletionChoice>))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class OpenAiJson : JsonSerializerContext
{
    /// <summary>Texts are sent as they are and not as escapes: they go into no HTML.</summary>
    public static OpenAiJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new WholeNumberConverter<int>(), new WholeNumberConverter<long>() },
    });
}
