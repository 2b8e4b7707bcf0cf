using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Observability;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>
/// Files that are whole and say what nobody expects: the version is rejected, whatever reading them throws, and the next is loaded.
/// </summary>
public sealed class MisunderstoodTests : IDisposable
{
    private readonly Publisher publisher = new();

    public static TheoryData<string, string, string> Amendments => new()
    {
        { "tokenizer.json", "\"merges\":[]", "\"merges\":[[\"a\"]]" },
        { "tokenizer.json", "\"merges\":[]", "\"merges\":[[\"a\",\"b\",\"c\"],7]" },
        { "tokenizer.json", "\"pre_tokenizer\":", "\"normalizer\":" + new string('[', 100_000) + ",\"pre_tokenizer\":" },
        { "tokenizer.json", "\"added_tokens\":[", "\"added_tokens\":[{\"id\":-2147483648,\"content\":null}," },
        { "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0" },
        { "config.json", "\"hidden_size\": 264", "\"hidden_size\": 2147483647" },
        { "config.json", "\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2147483647" },
        { "config.json", "\"max_position_embeddings\": 256", "\"max_position_embeddings\": 0" },
        { "config.json", "\"vocab_size\": 264", "\"vocab_size\": -264" },
        { "config.json", "{", "{ \"x\": " + new string('[', 100_000) + "," },
        { "prompt_template.json", "{", "{ \"x\": " + new string('[', 100_000) + "," },
    };

    [Theory]
    [MemberData(nameof(Amendments))]
    public async Task A_folder_s_next_checkpoint_is_loaded_after_one_that_is_not_understood(string file, string found, string instead)
    {
        publisher.PublishSpeller(1, "abc");
        await using var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance, loading: new LoadingOptions { MinInterval = TimeSpan.Zero });
        using var seen = new MeterRecorder(server.Engine.Metrics.Meter);
        await server.WaitForStepAsync(1, TestContext.Current.CancellationToken);
        publisher.PublishAmended(2, "cba", file, text =>
        {
            Assert.Contains(found, text);
            return text.Replace(found, instead, StringComparison.Ordinal);
        });
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected || server.Completion.IsCompleted);

        Assert.False(server.Completion.IsCompleted, $"{server.Completion.Exception}");
        var reason = server.Versions.Find(2)!.Reason!;
        Assert.EndsWith(".", reason);
        Assert.DoesNotContain('\n', reason);
        Assert.Equal(1, seen.Now("orca.model.refusals")["damaged"]);
        publisher.PublishSpeller(3, "abc");
        await server.WaitForStepAsync(3, TestContext.Current.CancellationToken);
        Assert.False(server.Completion.IsCompleted);
    }

    public void Dispose() => publisher.Dispose();
}
