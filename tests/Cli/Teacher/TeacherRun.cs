using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Teacher;

/// <summary>A simulated endpoint on HTTP, and a client of it.</summary>
internal sealed class TeacherRun : IAsyncDisposable
{
    public const string Model = "solver-expert";

    public static readonly ReasoningTasks Tasks = new(seed: 0);

    private TeacherRun(TeacherHost host)
    {
        Host = host;
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
        return new TeacherRun(await TeacherHost.StartAsync(description, questions, place ?? new TeacherPlace(), time ?? TimeProvider.System, Cancelled));
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

    /// <summary>The collector's own client, without attempts after the first.</summary>
    public OpenAiTeacher Asking(TimeSpan? timeout = null) => new(new OpenAiTeacherOptions
    {
        BaseUrl = new Uri(Host.Endpoint, "v1"),
        Model = Model,
        Retries = 0,
        PromptPricePer1K = 0.03m,
        CompletionPricePer1K = 0.06m,
        Timeout = timeout ?? TimeSpan.FromMinutes(1),
    });

    public BookRow Row(string model = Model, bool isBatch = false) => Host.Books.Rows.Single(row => row.Model == model && row.IsBatch == isBatch);

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
        await Host.DisposeAsync();
    }
}
