using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Cli.Tests.Teacher;

/// <summary>A simulated endpoint on HTTP, and a client of it.</summary>
internal sealed class TeacherRun : IAsyncDisposable
{
    public const string Model = "solver-expert";

    public static readonly ReasoningTasks Tasks = new(seed: 0);

    private readonly Lazy<RequestScheduler> _asking;

    private TeacherRun(TeacherHost host)
    {
        Host = host;
        _asking = new(() => new RequestScheduler([TeacherEndpoint.Open(Endpoint())]));
        Client = new HttpClient { BaseAddress = host.Endpoint };
    }

    public TeacherHost Host { get; }

    public HttpClient Client { get; }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TeacherRun> StartAsync(
        TeacherDescription? description = null, TeacherPlace? place = null, TimeProvider? time = null)
    {
        description ??= new TeacherDescription();
        // What is looked through beyond the questions asked costs seconds, and finds nothing more here.
        var questions = await QuestionIndex.OpenAsync([Tasks], questionsAhead: 1_000, new Progress<SourceFault>(), Cancelled);
        return new TeacherRun(await TeacherHost.StartAsync(
            description, questions, place ?? new TeacherPlace(), time ?? TimeProvider.System, Cancelled));
    }

    public static async Task<TeacherRun> WithFaultAsync(string fault) =>
        await StartAsync(new TeacherDescription { Faults = [new FaultRule { Fault = fault }] });

    /// <summary>A model of the default name.</summary>
    public static TeacherDescription Of(TeacherModel model, params ReadOnlySpan<FaultRule> faults) =>
        new() { Models = [model], Faults = [.. faults] };

    /// <summary>The request that collecting would send.</summary>
    public static TeacherRequest Request(long question = 0) =>
        new() { Query = Tasks.At(question), SystemMessage = "You explain.", Stage = "expert" };

    /// <summary>The body of a chat request.</summary>
    public static JsonObject Chat(string question, string model = Model, bool stream = false) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
        ["stream"] = stream,
    };

    public Task<HttpResponseMessage> PostAsync(JsonObject chat, string? key = null, CancellationToken? cancelled = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(chat) };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        return Client.SendAsync(request, cancelled ?? Cancelled);
    }

    /// <summary>The endpoint as the collector knows it.</summary>
    public EndpointOptions Endpoint(TimeSpan? timeout = null) => new()
    {
        Name = Model,
        Url = new Uri(Host.Endpoint, "v1"),
        Model = Model,
        PriceIn = 30,
        PriceOut = 60,
        Timeout = timeout ?? TimeSpan.FromMinutes(1),
    };

    /// <summary>Asks as collecting does.</summary>
    public Task<Trace> AskAsync(TeacherRequest request) => _asking.Value.AskAsync(request, [Model], Cancelled);

    /// <summary>How the first call for a question ended, as collecting sees it.</summary>
    public async Task<Attempt> CallAsync(TeacherRequest request, TimeSpan? timeout = null)
    {
        var call = new FirstCall();
        using var scheduler = new RequestScheduler([TeacherEndpoint.Open(Endpoint(timeout))], ledger: call);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var asking = scheduler.AskAsync(request, [Model], enough.Token);
        var attempt = await call.Ended;
        await enough.CancelAsync();
        await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return attempt;
    }

    /// <summary>The batches that there are.</summary>
    public async Task<List<string>> Batches()
    {
        var listed = await Client.GetFromJsonAsync<JsonObject>("/v1/batches?limit=100", Cancelled);
        return [.. listed!["data"]!.AsArray().Select(batch => (string)batch!["id"]!)];
    }

    public BookRow Row(bool isBatch = false) => Host.Books.Rows.Single(row => row.Model == Model && row.IsBatch == isBatch);

    /// <summary>Waits for what a call's end enters after its caller has gone.</summary>
    public async Task<BookRow> RowWhenAsync(Func<BookRow, bool> holds)
    {
        while (Host.Books.Rows.FirstOrDefault(row => row.Model == Model && !row.IsBatch) is not { } row || !holds(row))
        {
            await Task.Delay(10, Cancelled);
        }

        return Row();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_asking.IsValueCreated)
        {
            _asking.Value.Dispose();
        }

        await Host.DisposeAsync();
    }
}

/// <summary>Tells how the first call ended.</summary>
internal sealed class FirstCall : IAttemptLedger
{
    private readonly TaskCompletionSource<Attempt> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Attempt> Ended => _ended.Task;

    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) => Task.FromResult(new Reservation(1));

    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer)
    {
        _ended.TrySetResult(outcome);
        return Task.CompletedTask;
    }
}
