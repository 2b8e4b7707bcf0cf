using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Cli.Configuration;

/// <summary>One endpoint that teaches. What is left away is as the section <c>teacher</c> has it.</summary>
internal sealed record EndpointSettings
{
    /// <summary>Its name; the model's where absent.</summary>
    public string? Name { get; init; }

    /// <summary>How it is spoken to: openai or azure.</summary>
    public string Kind { get; init; } = "openai";

    /// <summary>Base URL, up to and including /v1; of Azure up to and including the deployment, with its api-version.</summary>
    public string? Url { get; init; }

    /// <summary>The model asked.</summary>
    public string? Model { get; init; }

    /// <summary>Environment variable that holds the key.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>Requests that it allows in a minute.</summary>
    public double? RequestsPerMinute { get; init; }

    /// <summary>Tokens that it allows in a minute.</summary>
    public double? TokensPerMinute { get; init; }

    /// <summary>Requests in flight at once, at most.</summary>
    public int? Concurrency { get; init; }

    /// <summary>US dollars for a million tokens of prompt.</summary>
    public decimal? PriceIn { get; init; }

    /// <summary>US dollars for a million tokens of answer.</summary>
    public decimal? PriceOut { get; init; }

    /// <summary>US dollars that may be spent there.</summary>
    public decimal? Budget { get; init; }

    /// <summary>Longest answer, in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Nucleus of sampling.</summary>
    public double? TopP { get; init; }

    /// <summary>Time for one answer, in seconds.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>Parameters that are not sent.</summary>
    public ImmutableArray<string>? LeaveOut { get; init; }

    /// <summary>Parameters that are sent besides.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Add { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Headers that are sent besides.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What a list of endpoints is, for messages and the document.</summary>
    public static string Expectation { get; } =
        "a JSON array of objects, each with any of "
            + string.Join(", ", typeof(EndpointSettings).GetProperties().Where(property => property.CanWrite)
                .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNameCaseInsensitive = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Reads a list of endpoints; says what was expected where the text is none.</summary>
    public static (ImmutableArray<EndpointSettings>? Endpoints, string? Expected) Read(string text)
    {
        try
        {
            var read = JsonSerializer.Deserialize<ImmutableArray<EndpointSettings>>(text, Form);
            return read.IsDefaultOrEmpty || read.Contains(null!) ? (null, Expectation) : (read, null);
        }
        catch (JsonException fault)
        {
            return (null, $"{Expectation}; what stands at {fault.Path ?? "$"} is something else");
        }
    }
}
