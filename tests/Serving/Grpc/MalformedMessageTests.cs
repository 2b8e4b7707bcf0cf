using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Inference.V1;

namespace Orca.Serving.Tests.Grpc;

/// <summary>Whatever is wrong with a message is its caller's fault, and nobody else's.</summary>
public class MalformedMessageTests
{
    private static readonly Marshaller<byte[]> Raw = new(bytes => bytes, bytes => bytes);

    [Theory]
    [InlineData(new byte[] { 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 0x0a, 0x04, 0x12, 0x02, 0xff, 0xfe })]
    [InlineData(new byte[] { 0x0a, 0x7f, 0x12 })]
    public async Task A_message_that_is_no_protobuf_or_no_utf_8_is_invalid(byte[] message)
    {
        await using var server = await ServerFixture.StartAsync("abc");
        foreach (var name in new[] { "Generate", "Score", "Tokenize" })
        {
            var method = new Method<byte[], byte[]>(MethodType.Unary, "orca.inference.v1.InferenceService", name, Raw, Raw);
            using var call = server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, message);
            var refusal = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
            Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        }
    }

    [Theory]
    [InlineData("gzip", "rubbish")]
    [InlineData("deflate", "rubbish")]
    [InlineData("gzip", "")]
    public async Task A_message_that_is_not_compressed_as_it_says_is_invalid(string encoding, string message)
    {
        await using var server = await ServerFixture.StartAsync("abc");
        using var client = new HttpClient();
        byte[] frame = [1, 0, 0, 0, (byte)message.Length, .. Encoding.ASCII.GetBytes(message)];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Endpoint, "/orca.inference.v1.InferenceService/Generate"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.Add(new("trailers"));
        request.Headers.Add("grpc-encoding", encoding);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.TrailingHeaders).ToDictionary(header => header.Key, header => header.Value.Single());

        Assert.Equal(((int)StatusCode.InvalidArgument).ToString(CultureInfo.InvariantCulture), headers["grpc-status"]);
        Assert.Contains(message.Length > 0 ? encoding : "spec is absent", Uri.UnescapeDataString(headers["grpc-message"]));
    }

    [Fact]
    public async Task A_duration_that_is_not_normalised_and_an_enum_without_meaning_are_invalid_and_named()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var spec = ServerFixture.Greedy("a", maxTokens: 2);
        spec.Scheduling = new SchedulingOptions { MaxQueueTime = new Duration { Seconds = 1, Nanos = -5 } };
        Assert.Equal("spec.scheduling.max_queue_time", await FieldOf(server, spec));

        spec.Scheduling = new SchedulingOptions { MaxQueueTime = new Duration { Seconds = long.MaxValue } };
        Assert.Equal("spec.scheduling.max_queue_time", await FieldOf(server, spec));

        spec.Scheduling = new SchedulingOptions { Priority = (Priority)77 };
        Assert.Equal("spec.scheduling.priority", await FieldOf(server, spec));

        var watch = new ServerService.ServerServiceClient(server.Channel)
            .WatchLoad(new WatchLoadRequest { Interval = new Duration { Nanos = int.MinValue } });
        var refusal = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
    }

    [Fact]
    public async Task A_schema_with_half_a_pair_and_a_token_in_rows_of_padding_are_invalid()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var spec = ServerFixture.Greedy("a", maxTokens: 2);
        spec.JsonSchema = """{"enum":["\ud83d"]}""";
        Assert.Equal("json_schema", await FieldOf(server, spec));

        spec = ServerFixture.Greedy(maxTokens: 2);
        spec.TokenIds = new TokenIds { Ids = { 97, 263 } };
        Assert.Equal("token_ids", await FieldOf(server, spec));
    }

    [Fact]
    public async Task Metadata_beyond_the_limit_fail_their_call_and_leave_the_others_of_the_connection_alone()
    {
        await using var server = await ServerFixture.StartAsync("abc", endless: true, context: 4_096);
        using var neighbour = server.Stream(ServerFixture.Greedy(maxTokens: 3_000), TestContext.Current.CancellationToken);
        Assert.True(await neighbour.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(
            new GenerateRequest { Spec = ServerFixture.Greedy(maxTokens: 1) }, new Metadata { { "x-big", new string('a', 70_000) } }));

        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Contains("at most 16384", refusal.Status.Detail);
        StreamGenerateResponse? last = null;
        while (await neighbour.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            last = neighbour.ResponseStream.Current;
        }

        Assert.Equal(3_000u, last!.Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task A_name_of_a_megabyte_is_told_back_in_part()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await server.Model.GetModelVersionAsync(
            new Protocol.Model.V1.GetModelVersionRequest { Name = new string('v', 1_000_000) }));
        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
        Assert.InRange(refusal.Status.Detail.Length, 100, 1_001);
    }

    private static async Task<string> FieldOf(ServerFixture server, GenerationSpec spec)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        return Assert.Single(refusal.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field;
    }
}
