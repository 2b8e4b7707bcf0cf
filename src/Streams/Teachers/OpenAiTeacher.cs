using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;
using Polly;
using Polly.Retry;

namespace Orca.Streams.Teachers;

/// <summary>A teacher behind an OpenAI-compatible chat endpoint.</summary>
/// <remarks>
/// Rate limits (429), server errors, time-outs, lost connections and bodies that are no reply are tried again with growing pauses
/// or after the pause the server asks for. Does not pace itself to a quota. Any number of requests at once.
/// </remarks>
public sealed class OpenAiTeacher : ITeacher
{
    private readonly OpenAiTeacherOptions options;
    private readonly TimeProvider time;
    private readonly ChatClient client;
    private readonly ResiliencePipeline<ChatAttempt> retry;
    private readonly string maxTokensField;

    /// <summary>A teacher with these settings; nothing is asked yet.</summary>
    /// <exception cref="TeacherException">A setting is out of range, or the key's variable is not set.</exception>
    public OpenAiTeacher(OpenAiTeacherOptions options, TimeProvider? time = null, Func<double>? jitter = null)
    {
        Check(options);
        this.options = options;
        this.time = time ?? TimeProvider.System;
        maxTokensField = options.MaxTokensField
            ?? (options.BaseUrl.Host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens" : "max_tokens");
        client = new ChatClient(options.Model, new ApiKeyCredential(KeyOf(options)), new OpenAIClientOptions
        {
            Endpoint = options.BaseUrl,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = System.Threading.Timeout.InfiniteTimeSpan,
        });
        retry = RetryPipeline(jitter);
    }

    /// <inheritdoc/>
    public string Name => options.Model;

    /// <inheritdoc/>
    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var body = BinaryContent.Create(BinaryData.FromString(BodyOf(request)));
        var started = time.GetTimestamp();
        var attempt = await retry.ExecuteAsync(token => AttemptAsync(body, token), cancellationToken);
        if (attempt.Reply is not { } reply)
        {
            throw new TeacherException(MessageOf(attempt), attempt.Exception) { Fault = attempt.Fault };
        }

        return new Trace
        {
            Request = request,
            Response = reply.Text,
            Finish = reply.Finish,
            Teacher = Name,
            PromptTokens = reply.PromptTokens,
            CompletionTokens = reply.CompletionTokens,
            Cost = ((reply.PromptTokens * options.PromptPricePer1K) + (reply.CompletionTokens * options.CompletionPricePer1K)) / 1000,
            Latency = time.GetElapsedTime(started),
        };
    }

    private async ValueTask<ChatAttempt> AttemptAsync(BinaryContent body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var result = await client.CompleteChatAsync(body, new RequestOptions { CancellationToken = either.Token });
            return new ChatAttempt { Reply = ChatReply.Parse(result.GetRawResponse().Content.ToMemory()) };
        }
        catch (ClientResultException failure) when (failure.Status > 0)
        {
            return ChatAttempt.Refused(failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            return ChatAttempt.Lost($"gave no answer within {options.Timeout.TotalSeconds:0.###} s", failure);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return ChatAttempt.Lost("answered with something that is no chat completion", failure);
        }
        catch (Exception failure) when (failure is ClientResultException or HttpRequestException or IOException or AggregateException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ChatAttempt.Lost($"cannot be reached ({failure.GetBaseException().Message})", failure);
        }
    }

    private string BodyOf(TeacherRequest request)
    {
        var messages = new JsonArray();
        if (request.SystemMessage.Length > 0)
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = request.SystemMessage });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = request.Query.Prompt });
        return new JsonObject
        {
            ["model"] = options.Model,
            ["messages"] = messages,
            ["temperature"] = options.Temperature,
            ["top_p"] = options.TopP,
            [maxTokensField] = options.MaxTokens,
        }.ToJsonString();
    }

    private ResiliencePipeline<ChatAttempt> RetryPipeline(Func<double>? jitter)
    {
        var builder = new ResiliencePipelineBuilder<ChatAttempt> { TimeProvider = time };
        if (options.Retries > 0)
        {
            var strategy = new RetryStrategyOptions<ChatAttempt>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { Reply: null, Fault: TeacherFault.Temporary }),
                DelayGenerator = args => ValueTask.FromResult(Capped(args.Outcome.Result?.RetryAfter)),
            };
            if (jitter is not null)
            {
                strategy.Randomizer = jitter;
            }

            builder.AddRetry(strategy);
        }

        return builder.Build();
    }

    private TimeSpan? Capped(TimeSpan? asked) => asked > options.MaxRetryDelay ? options.MaxRetryDelay : asked;

    private string MessageOf(ChatAttempt attempt) => attempt.Fault switch
    {
        TeacherFault.Settings =>
            $"The teacher at {options.BaseUrl} {attempt.Message}; check the address, the model '{options.Model}' and the key"
            + (options.KeyVariable is null ? "." : $" in {options.KeyVariable}."),
        TeacherFault.Request => $"The teacher at {options.BaseUrl} {attempt.Message}; this question is left out.",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"The teacher at {options.BaseUrl} {attempt.Message}, in {options.Retries + 1} attempts; check that it runs and is reachable."),
    };

    private static string KeyOf(OpenAiTeacherOptions options)
    {
        if (options.KeyVariable is null)
        {
            return "none";
        }

        var key = Environment.GetEnvironmentVariable(options.KeyVariable);
        return string.IsNullOrWhiteSpace(key)
            ? throw new TeacherException($"The key of the teacher at {options.BaseUrl} is missing; set the environment variable "
                + $"{options.KeyVariable}.")
            {
                Fault = TeacherFault.Settings,
            }
            : key.Trim();
    }

    private static void Check(OpenAiTeacherOptions options)
    {
        var fault = options switch
        {
            { BaseUrl.IsAbsoluteUri: false } => $"BaseUrl is '{options.BaseUrl}'; give an absolute http or https address",
            { BaseUrl.Scheme: not ("http" or "https") } => $"BaseUrl is '{options.BaseUrl}'; give an http or https address",
            { Model.Length: 0 } => "Model is empty; name the model to ask",
            { Temperature: not (>= 0 and <= 2) } => $"Temperature is {options.Temperature}; give 0 to 2",
            { TopP: not (> 0 and <= 1) } => $"TopP is {options.TopP}; give a number above 0, at most 1",
            { MaxTokens: < 1 } => $"MaxTokens is {options.MaxTokens}; give 1 or more",
            { Retries: < 0 } => $"Retries is {options.Retries}; give 0 or more",
            _ when options.Timeout <= TimeSpan.Zero => $"Timeout is {options.Timeout}; give a positive time",
            _ when options.RetryDelay < TimeSpan.Zero || options.MaxRetryDelay < options.RetryDelay =>
                $"RetryDelay is {options.RetryDelay} and MaxRetryDelay {options.MaxRetryDelay}; give a pause and one no shorter",
            { PromptPricePer1K: < 0 } or { CompletionPricePer1K: < 0 } => "A price is negative; give 0 or more",
            _ => null,
        };
        if (fault is not null)
        {
            throw new TeacherException($"The teacher's setting {fault}.") { Fault = TeacherFault.Settings };
        }
    }
}
