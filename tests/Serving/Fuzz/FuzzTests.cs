using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grpc.Core;
using Orca.Serving.Tests.OpenAi;

namespace Orca.Serving.Tests.Fuzz;

/// <summary>
/// Bodies by chance, a fifth of them valid, against a server: 2,000, or as many as <c>ORCA_FUZZ_BODIES</c> says, from the seed that
/// <c>ORCA_FUZZ_SEED</c> says. Run alone, 200,000 of them:
/// <c>ORCA_FUZZ_BODIES=200000 tests/Serving/bin/Release/net10.0/Orca.Serving.Tests -class Orca.Serving.Tests.Fuzz.FuzzTests</c>.
/// </summary>
[Collection(nameof(Alone))]
public class FuzzTests
{
    private const int Callers = 8;
    private const long MiB = 1 << 20;

    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    private readonly ConcurrentBag<string> faults = [];

    // A channel keeps every method object that it has met.
    private readonly ConcurrentDictionary<string, Method<byte[], byte[]>> methods = [];

    [Fact]
    public async Task Whatever_is_sent_is_answered_or_its_callers_fault_and_leaves_nothing_behind()
    {
        var bodies = Setting("ORCA_FUZZ_BODIES", 2_000);
        var seed = Setting("ORCA_FUZZ_SEED", 1);
        await using var server = await HttpServer.StartAsync("abc");
        await SendAsync(server, seed - 1, Math.Min(bodies, 1_000));
        var before = ManagedMemory.Settled();

        await SendAsync(server, seed, bodies);

        Assert.True(faults.IsEmpty, string.Join(Environment.NewLine, faults.Take(20)));
        var engine = server.Grpc.Student.Engine;
        await Patience.UntilAsync(() => engine.Load is { Running: 0, Waiting: 0, UsedBlocks: 0 });
        Assert.Empty(engine.Requests());
        Assert.InRange(ManagedMemory.Settled(), 0, before + (64 * MiB));
    }

    private async Task SendAsync(HttpServer server, int seed, int bodies) => await Parallel.ForEachAsync(
        Enumerable.Range(0, bodies),
        new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = TestContext.Current.CancellationToken },
        async (number, end) =>
        {
            var random = new Random((seed * 1_000_003) + number);
            await (random.Next(2) == 0 ? SendJsonAsync(server, random, end) : SendMessageAsync(server, random, end));
        });

    private async Task SendJsonAsync(HttpServer server, Random random, CancellationToken end)
    {
        var (path, body) = Bodies.Json[random.Next(Bodies.Json.Length)];
        var isValid = random.Next(5) == 0;
        body = isValid ? body : Mutation.OfJson(body, random);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await server.Client.SendAsync(request, end);
        var text = await response.Content.ReadAsStringAsync(end);
        var isRight = isValid ? response.StatusCode == HttpStatusCode.OK && !text.Contains("\"error\"", StringComparison.Ordinal)
            : response.StatusCode == HttpStatusCode.OK || ((int)response.StatusCode < 500 && IsErrorObject(text));
        Note(isRight, $"{path} {(int)response.StatusCode} {text[..Math.Min(200, text.Length)]}", body);
    }

    private async Task SendMessageAsync(HttpServer server, Random random, CancellationToken end)
    {
        var (path, isStream, body) = Bodies.Messages[random.Next(Bodies.Messages.Length)];
        var isValid = random.Next(5) == 0;
        body = isValid ? body : Mutation.OfMessage(body, random);
        var method = methods.GetOrAdd(path, _ => MethodOf(path, isStream));
        var status = StatusCode.OK;
        var detail = "";
        try
        {
            var options = new CallOptions(deadline: DateTime.UtcNow.AddMinutes(1), cancellationToken: end);
            if (isStream)
            {
                using var call = server.Grpc.Channel.CreateCallInvoker().AsyncServerStreamingCall(method, null, options, body);
                while (await call.ResponseStream.MoveNext(end))
                {
                }
            }
            else
            {
                using var call = server.Grpc.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, options, body);
                await call.ResponseAsync;
            }
        }
        catch (RpcException failure)
        {
            (status, detail) = (failure.StatusCode, failure.Status.Detail);
        }

        var isRight = isValid
            ? status == StatusCode.OK
            : status is not (StatusCode.Unknown or StatusCode.Internal or StatusCode.Unavailable);
        Note(isRight, $"{path} {status} {detail}", body);
    }

    private static Method<byte[], byte[]> MethodOf(string path, bool isStream) =>
        new(isStream ? MethodType.ServerStreaming : MethodType.Unary, path.Split('/')[0], path.Split('/')[1], Raw, Raw);

    private void Note(bool isRight, string outcome, byte[] body)
    {
        if (!isRight)
        {
            faults.Add($"{outcome} for {Convert.ToBase64String(body)}");
        }
    }

    private static bool IsErrorObject(string text)
    {
        try
        {
            return JsonNode.Parse(text)?["error"]?["message"] is not null;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
