using System.Text;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Budgets;

/// <summary>What calls of an endpoint cost, in US dollars.</summary>
internal static class Price
{
    private const decimal Million = 1_000_000;

    // What a template puts around two messages.
    private const int TemplateTokens = 64;

    /// <summary>The most that a call can cost: no tokenizer makes more tokens of a text than it has bytes.</summary>
    public static decimal Most(EndpointOptions endpoint, TeacherRequest request)
    {
        var prompt = Encoding.UTF8.GetByteCount(request.SentMessage) + Encoding.UTF8.GetByteCount(request.SentPrompt) + TemplateTokens;
        return ((prompt * endpoint.PriceIn) + (endpoint.MaxTokens * endpoint.PriceOut)) / Million;
    }

    /// <summary>What a call cost; null where a reply was lost that may be charged for. Without a count of tokens it is the most.</summary>
    public static decimal? Of(EndpointOptions endpoint, TeacherRequest request, Attempt attempt) =>
        attempt.Fault is not null ? attempt.IsLost && Most(endpoint, request) > 0 ? null : 0
        : attempt.PromptTokens + attempt.CompletionTokens == 0 ? Most(endpoint, request)
        : ((attempt.PromptTokens * endpoint.PriceIn) + (attempt.CompletionTokens * endpoint.PriceOut)) / Million;
}
