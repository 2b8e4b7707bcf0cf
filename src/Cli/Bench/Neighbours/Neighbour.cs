using System.Collections.Immutable;
using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Bench.Neighbours;

/// <summary>
/// A way in which another key's callers behave beside the one that is measured. Each call is one of theirs, from its sending to its
/// end.
/// </summary>
/// <param name="Name">What it is called.</param>
/// <param name="CallAsync">Makes one call. Statuses are thrown.</param>
internal sealed record Neighbour(string Name, Func<NeighbourCall, Task> CallAsync)
{
    // What a message may hold by default, less what stands around the text.
    private const int LongWord = (4 << 20) - 4_096;
    // So many every vocabulary has.
    private const int BiasedTokens = 256;
    private const int LongAnswer = 1_024;
    private const int FloodOfEach = 16;
    private const int DistinctSchemas = 1_000;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);

    /// <summary>Sends the same requests as the caller that is measured: what the others are held against.</summary>
    public static Neighbour Ordinary { get; } = new("ordinary", call => call.ReadAsync(call.Request));

    /// <summary>All kinds, the ordinary one first.</summary>
    public static ImmutableArray<Neighbour> All { get; } =
    [
        Ordinary,
        new("biases", call => call.ReadAsync(Biased(call))),
        new("names", NamesAsync),
        new("samples", call => call.ReadAsync(With(call, spec => spec.Sampling.SampleCount = 64))),
        new("answers", call => call.ReadAsync(With(call, spec => spec.Stopping.MaxTokens = LongAnswer))),
        new("schemas", call => call.ReadAsync(With(call, spec => spec.JsonSchema = SchemaOf(call.Number % DistinctSchemas)))),
        new("lengths", call => call.ReadAsync(With(call, spec => spec.JsonSchema = """{"type":"string","maxLength":100000}"""))),
        new("priorities", call => call.ReadAsync(With(
            call, spec => spec.Scheduling = new SchedulingOptions { Priority = call.Number % 2 == 0 ? Priority.High : Priority.Low }))),
        new("words", call => call.ReadAsync(With(call, spec => spec.Text = Word))),
        new("stalls", call => call.StallAsync(With(call, spec => spec.Output.Logprobs = true), Stall)),
        new("flood", call => Task.WhenAll(Enumerable.Range(0, FloodOfEach).Select(_ => call.ReadAsync(call.Request)))),
    ];

    private static string Word { get; } = new('w', LongWord);

    /// <summary>The kinds of these names; null where one is unknown.</summary>
    public static ImmutableArray<Neighbour>? Parse(string names)
    {
        var asked = names == "all" ? [.. All] : names.Split(',').Select(name => All.FirstOrDefault(kind => kind.Name == name)).ToList();

        // Always beside the ordinary one, since only that gives the figures their meaning.
        return asked.Contains(null) ? null : [Ordinary, .. asked.OfType<Neighbour>().Where(kind => kind != Ordinary)];
    }

    private static async Task NamesAsync(NeighbourCall call)
    {
        var request = With(call, spec =>
        {
            spec.RequestId = $"request-{call.Number % 64}";
            spec.Scheduling = new SchedulingOptions { Tenant = $"tenant {call.Number}" };
            spec.CacheSalt = $"salt {call.Number}";
        });
        var reading = call.ReadAsync(request);
        try
        {
            await call.Client.CancelRequestAsync(
                new CancelRequestRequest { RequestId = $"request-{(call.Number + 32) % 64}" }, cancellationToken: call.End);
        }
        catch (RpcException missed) when (missed.StatusCode == StatusCode.NotFound)
        {
            // As it should be, unless it is a name of its own.
        }

        await reading;
    }

    private static StreamGenerateRequest Biased(NeighbourCall call) => With(call, spec =>
    {
        (spec.Sampling.RepetitionPenalty, spec.Sampling.FrequencyPenalty, spec.Sampling.PresencePenalty) = (0.01f, -2, -2);
        for (var token = 0u; token < BiasedTokens; token++)
        {
            spec.Sampling.LogitBias[token] = token % 2 == 0 ? 100 : -100;
        }
    });

    private static StreamGenerateRequest With(NeighbourCall call, Action<GenerationSpec> change)
    {
        var request = call.Request.Clone();
        change(request.Spec);
        return request;
    }

    private static string SchemaOf(int number)
    {
        var fields = Enumerable.Range(0, 20).Select(field => $$"""
            "field_{{number}}_{{field}}": {"type": "string", "enum": ["one of {{number}}", "two of {{field}}", "three"]}
            """);
        return $$"""{"type": "object", "properties": { {{string.Join(", ", fields)}} } }""";
    }
}
