namespace Orca.Serving.Observability;

/// <summary>
/// Names and buckets of OpenTelemetry's conventions for generative AI (semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md
/// and gen-ai-spans.md, status Development, as they stood in July 2026).
/// </summary>
internal static class GenAi
{
    public const string RequestDuration = "gen_ai.server.request.duration";

    public const string TimeToFirstToken = "gen_ai.server.time_to_first_token";

    public const string TimePerOutputToken = "gen_ai.server.time_per_output_token";

    /// <summary>Our own: the conventions know the usage of tokens as a client's metric alone.</summary>
    public const string TokenUsage = "orca.token.usage";

    public const string OperationName = "gen_ai.operation.name";

    public const string ProviderName = "gen_ai.provider.name";

    public const string RequestModel = "gen_ai.request.model";

    public const string ResponseId = "gen_ai.response.id";

    public const string FinishReasons = "gen_ai.response.finish_reasons";

    public const string InputTokens = "gen_ai.usage.input_tokens";

    public const string OutputTokens = "gen_ai.usage.output_tokens";

    public const string TokenType = "gen_ai.token.type";

    public const string ErrorType = "error.type";

    /// <summary>Seconds.</summary>
    public static double[] DurationBuckets { get; } = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96,
        81.92];

    /// <summary>Seconds.</summary>
    public static double[] FirstTokenBuckets { get; } = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5,
        10];

    /// <summary>Seconds.</summary>
    public static double[] PerTokenBuckets { get; } = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    /// <summary>Tokens.</summary>
    public static int[] TokenBuckets { get; } = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
        67_108_864];
}
