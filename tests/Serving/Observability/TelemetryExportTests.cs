using System.Net;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Observability;

/// <summary>What leaves the process: Prometheus' page, and OTLP to a real receiver.</summary>
public sealed class TelemetryExportTests
{
    [Fact]
    public async Task Prometheus_reads_requests_and_the_engine_from_the_metrics_page()
    {
        await using var server = await Server.StartAsync();
        await server.AnswerAsync();
        await server.AnswerAsync();
        var page = await server.MetricsAsync();

        Assert.Equal("2", Value(page, "gen_ai_server_request_duration_seconds_count", "text_completion"));
        Assert.Equal("2", Value(page, "gen_ai_server_time_to_first_token_seconds_count", "text_completion"));
        Assert.Contains("gen_ai_server_request_duration_seconds_bucket{", page);
        Assert.Contains("le=\"0.64\"", page);
        Assert.Equal("1", Value(page, "orca_model_versions", "active"));
        Assert.NotEqual("0", Value(page, "orca_steps_total", ""));
        foreach (var name in new[] { "orca_requests_running", "orca_requests_waiting", "orca_queue_tokens", "orca_cache_blocks", "orca_decode_rate", "orca_weights_bandwidth" })
        {
            Assert.Contains($"# TYPE {name}", page);
        }
    }

    [Fact]
    public async Task Two_servers_of_one_process_tell_each_their_own()
    {
        await using var one = await Server.StartAsync();
        await using var other = await Server.StartAsync();
        await one.AnswerAsync();
        Assert.Equal("1", Value(await one.MetricsAsync(), "gen_ai_server_request_duration_seconds_count", "text_completion"));
        Assert.DoesNotContain("gen_ai_server_request_duration", await other.MetricsAsync());
    }

    [Fact]
    public async Task A_collector_is_sent_metrics_and_the_spans_of_the_callers_trace()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using (var server = await Server.StartAsync(collector.Address))
        {
            await server.AnswerAsync(new Metadata { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } });
        }

        // The server sends what it has left as it stops.
        Assert.True(collector.Holds("/v1/metrics", "gen_ai.server.request.duration"u8));
        Assert.True(collector.Holds("/v1/metrics", "orca.steps"u8));
        Assert.True(collector.Holds("/v1/traces", Convert.FromHexString(trace)));
        foreach (var span in new[] { "text_completion student", "queue", "prefill", "decode" })
        {
            // In the message format a text stands behind its length.
            Assert.True(collector.Holds("/v1/traces", [(byte)span.Length, .. System.Text.Encoding.ASCII.GetBytes(span)]), span);
        }

        Assert.True(collector.Holds("/v1/traces", Convert.FromHexString("00f067aa0ba902b7")));
    }

    private static string? Value(string page, string name, string tag) => page.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(tag))
        .Select(line => Regex.Match(line, @"^[a-z_]+(\{[^}]*\})? ([0-9.]+)"))
        .Where(match => match.Success)
        .Select(match => match.Groups[2].Value)
        .FirstOrDefault();

    private sealed class Server : IAsyncDisposable
    {
        private readonly Publisher checkpoints;
        private readonly StudentServer student;
        private readonly ServingHost host;
        private readonly GrpcChannel channel;

        private Server(Publisher checkpoints, StudentServer student, ServingHost host)
        {
            (this.checkpoints, this.student, this.host) = (checkpoints, student, host);
            channel = GrpcChannel.ForAddress(host.Endpoint);
        }

        public static async Task<Server> StartAsync(Uri? collector = null)
        {
            var checkpoints = new Publisher();
            checkpoints.PublishSpeller(1, "abcdef");
            var student = StudentServer.Follow(checkpoints.Root, new EngineOptions(), NullLoggerFactory.Instance);
            var host = await ServingHost.StartAsync(
                student, new ServingOptions { Port = 0, StopGrace = TimeSpan.Zero, Collector = collector }, NullLoggerFactory.Instance);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await student.WaitForStepAsync(1, patience.Token);
            return new Server(checkpoints, student, host);
        }

        public async Task AnswerAsync(Metadata? headers = null)
        {
            var client = new InferenceService.InferenceServiceClient(channel);
            var answer = await client.GenerateAsync(
                new GenerateRequest { Spec = new GenerationSpec { Sampling = new SamplingParams { Temperature = 0 } } }, headers);
            Assert.Equal("abcdef", answer.Text);
        }

        public async Task<string> MetricsAsync()
        {
            using var http = new HttpClient
            {
                DefaultRequestVersion = HttpVersion.Version20,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            return await http.GetStringAsync(new Uri(host.Endpoint, "/metrics"));
        }

        public async ValueTask DisposeAsync()
        {
            channel.Dispose();
            await host.DisposeAsync();
            await student.DisposeAsync();
            checkpoints.Dispose();
        }
    }
}
