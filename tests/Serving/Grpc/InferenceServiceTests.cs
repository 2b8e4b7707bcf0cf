using Google.Rpc;
using Grpc.Core;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;

namespace Orca.Serving.Tests.Grpc;

public class InferenceServiceTests
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz";

    [Fact]
    public async Task A_stream_is_one_accepted_then_deltas_then_one_finished_each_naming_the_version()
    {
        await using var server = await ServerFixture.StartAsync("é🦈漢xyz");
        var spec = ServerFixture.Greedy();
        spec.Output = new OutputOptions { TokenIds = true };
        spec.RequestId = "mine";

        using var call = server.Stream(spec);
        var events = await call.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.Equal(StreamGenerateResponse.EventOneofCase.Accepted, events[0].EventCase);
        Assert.Equal(("mine", 1UL, 1U), (events[0].Accepted.RequestId, events[0].Accepted.WeightVersion, events[0].Accepted.PromptTokens));
        Assert.Equal(StreamGenerateResponse.EventOneofCase.Finished, events[^1].EventCase);
        Assert.Equal(FinishReason.Eos, events[^1].Finished.Reason);
        var deltas = events[1..^1].ConvertAll(generated => generated.Delta);
        Assert.Equal("é🦈漢xyz", string.Concat(deltas.Select(delta => delta.Text)));
        Assert.All(deltas, delta => Assert.Equal(1UL, delta.WeightVersion));
        Assert.Equal(events[^1].Finished.Usage.CompletionTokens, (uint)deltas.Sum(delta => delta.TokenIds.Count));
        var tokensBefore = 0U;
        Assert.All(deltas, delta =>
        {
            Assert.Equal(tokensBefore, delta.FirstTokenIndex);
            tokensBefore += (uint)delta.TokenIds.Count;
        });
    }

    [Fact]
    public async Task The_responses_metadata_name_the_request_its_version_and_its_wait()
    {
        await using var server = await ServerFixture.StartAsync("ab");
        var spec = ServerFixture.Greedy();
        spec.RequestId = "mine";

        using var whole = server.Inference.GenerateAsync(new GenerateRequest { Spec = spec });
        await whole;
        using var stream = server.Stream(spec);
        var early = await stream.ResponseHeadersAsync;
        await stream.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.All([await whole.ResponseHeadersAsync, early], headers =>
        {
            Assert.Equal(("mine", "1"), (headers.GetValue("orca-request-id"), headers.GetValue("orca-weight-version")));
            Assert.True(long.Parse(headers.GetValue("orca-queue-ms")!) >= 0);
        });
    }

    [Fact]
    public async Task Deltas_gather_as_many_tokens_as_were_asked_for()
    {
        await using var server = await ServerFixture.StartAsync(Alphabet);
        var spec = ServerFixture.Greedy();
        spec.Output = new OutputOptions { TokenIds = true, StreamIntervalTokens = 10 };

        using var call = server.Stream(spec);
        var deltas = (await call.ResponseStream.ReadAllAsync().ToListAsync())
            .Where(generated => generated.Delta is not null).Select(generated => generated.Delta).ToList();
        spec.Output.StreamIntervalTokens = 0;
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await server.Stream(spec).ResponseStream.MoveNext());

        Assert.Equal(Alphabet, string.Concat(deltas.Select(delta => delta.Text)));
        Assert.All(deltas.SkipLast(1), delta => Assert.True(delta.TokenIds.Count >= 10));
        Assert.Equal("output.stream_interval_tokens", refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field);
    }

    [Fact]
    public async Task A_question_is_put_in_the_template_and_a_whole_answer_comes_back()
    {
        await using var server = await ServerFixture.StartAsync("42!");
        var spec = ServerFixture.Greedy();
        spec.Chat = new ChatPrompt { SystemMessage = "Be brief.", UserMessage = "Six times seven?" };

        var response = await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec });

        Assert.Equal(("42!", 1UL, FinishReason.Eos), (response.Text, response.WeightVersion, response.Finished.Reason));
        Assert.NotEmpty(response.RequestId);
        Assert.Empty(response.TokenIds);
    }

    [Fact]
    public async Task A_stop_string_over_several_tokens_never_reaches_the_caller()
    {
        await using var server = await ServerFixture.StartAsync(Alphabet);
        var spec = ServerFixture.Greedy();
        spec.Stopping.StopStrings.Add("jkl");

        using var call = server.Stream(spec);
        var events = await call.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.Equal("abcdefghi", string.Concat(events.Select(generated => generated.Delta?.Text)));
        Assert.Equal((FinishReason.StopString, "jkl"), (events[^1].Finished.Reason, events[^1].Finished.StopString));
    }

    [Fact]
    public async Task An_absent_temperature_is_one_and_not_zero()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        server.Checkpoints.PublishRandom(1, seed: 5);
        await server.ServesAsync(1);

        async Task<string> TextAsync(GenerationSpec spec)
        {
            spec.Stopping = new StoppingParams { MaxTokens = 30 };
            return (await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec })).Text;
        }

        var greedy = await TextAsync(new GenerationSpec { Sampling = new SamplingParams { Temperature = 0 } });
        Assert.Equal(greedy, await TextAsync(new GenerationSpec { Sampling = new SamplingParams { Temperature = 0 } }));
        Assert.NotEqual(greedy, await TextAsync(new GenerationSpec { Sampling = new SamplingParams { Seed = 3 } }));
    }

    [Fact]
    public async Task Before_the_first_version_requests_find_the_server_unavailable()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_and_fields_out_of_range_are_invalid_and_named()
    {
        await using var server = await ServerFixture.StartAsync("ab", context: 16);
        var spec = ServerFixture.Greedy(new string('a', 16));
        var tooLong = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }));
        spec.Sampling.TopP = 2;
        var outOfRange = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }));
        var absent = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest()));

        Assert.All([tooLong, outOfRange, absent], failure => Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode));
        Assert.Equal("sampling.top_p", outOfRange.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field);
        Assert.Equal("input", tooLong.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field);
    }

    [Fact]
    public async Task A_full_queue_says_when_to_come_back()
    {
        await using var server = await ServerFixture.StartAsync(
            Alphabet, endless: true, context: 4096, new EngineOptions { MaxConcurrentRequests = 1, MaxQueuedRequests = 1 });
        using var leave = new CancellationTokenSource();
        using var running = server.Stream(ServerFixture.Greedy(), leave.Token);
        await running.ResponseStream.MoveNext();
        using var waiting = server.Stream(ServerFixture.Greedy(), leave.Token);
        await Patience.UntilAsync(() => server.Student.Engine.Load.Waiting == 1);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }));
        await leave.CancelAsync();

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Equal(1, failure.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.Seconds);
        Assert.Equal("1000", failure.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [Fact]
    public async Task A_client_that_goes_away_or_whose_deadline_passes_frees_its_slot()
    {
        await using var server = await ServerFixture.StartAsync(Alphabet, endless: true, context: 4096);
        using (var gone = server.Stream(ServerFixture.Greedy()))
        {
            await gone.ResponseStream.MoveNext();
        }

        var late = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(
            new GenerateRequest { Spec = ServerFixture.Greedy() }, deadline: DateTime.UtcNow.AddMilliseconds(300)));

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        await Patience.UntilAsync(() => server.Student.Engine.Load is { Running: 0, Waiting: 0 });
    }

    [Fact]
    public async Task Another_client_can_cancel_by_name()
    {
        await using var server = await ServerFixture.StartAsync(Alphabet, endless: true, context: 4096);
        var spec = ServerFixture.Greedy();
        spec.RequestId = "long";
        using var call = server.Stream(spec);
        await call.ResponseStream.MoveNext();

        await server.Inference.CancelRequestAsync(new CancelRequestRequest { RequestId = "long" });
        var events = await call.ResponseStream.ReadAllAsync().ToListAsync();
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.CancelRequestAsync(new CancelRequestRequest { RequestId = "long" }));

        Assert.Equal(FinishReason.Cancelled, events[^1].Finished.Reason);
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Hundreds_of_streams_at_once_all_end_well()
    {
        await using var server = await ServerFixture.StartAsync(Alphabet);
        var answers = await Task.WhenAll(Enumerable.Range(0, 250).Select(async _ =>
        {
            using var call = server.Stream(ServerFixture.Greedy());
            return string.Concat((await call.ResponseStream.ReadAllAsync().ToListAsync()).Select(generated => generated.Delta?.Text));
        }));

        Assert.All(answers, answer => Assert.Equal(Alphabet, answer));
    }

    [Fact]
    public async Task Texts_become_tokens_and_back()
    {
        await using var server = await ServerFixture.StartAsync("ab");

        var text = await server.Inference.TokenizeAsync(new TokenizeRequest { Text = "é</s>" });
        var chat = await server.Inference.TokenizeAsync(new TokenizeRequest { Chat = new ChatPrompt { UserMessage = "a" } });
        var back = await server.Inference.DetokenizeAsync(new DetokenizeRequest { TokenIds = { text.TokenIds } });

        Assert.Equal([0xC3, 0xA9, '<', '/', 's', '>'], text.TokenIds);
        Assert.Equal([259U, 'a', 260U], chat.TokenIds);
        Assert.Equal("é</s>", back.Text);
    }
}
