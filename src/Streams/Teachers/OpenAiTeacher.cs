using System.Globalization;
using System.Text.Json.Nodes;
using Polly;
using Polly.Retry;

namespace Orca.Streams.Teachers;

/// <summary>A teacher behind an OpenAI-compatible chat endpoint.</summary>
/// <remarks>
/// Rate limits (429), server errors, time-outs, lost connections and bodies that are no reply are tried again with growing pauses
/// or after the pause the server asks for. Does not pace itself to a quota. Any number of requests at once.
/// </remarks>
public sealed class OpenAiTeacher : ITeacher, IDisposable
{
    private readonly OpenAiTeacherOptions options;
    private readonly TimeProvider time;
    private readonly ChatEndpoint endpoint;
    private readonly ResiliencePipeline<Attempt> retry;
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
        endpoint = new ChatEndpoint(options.BaseUrl, KeyOf(options), options.Timeout, this.time);
        retry = RetryPipeline(jitter);
    }

    /// <inheritdoc/>
    public string Name => options.Model;

    /// <inheritdoc/>
    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var body = BodyOf(request);
        var started = time.GetTimestamp();
        var attempt = await retry.ExecuteAsync(async token => await endpoint.AskAsync(body, token), cancellationToken);
        if (attempt.Fault is { } fault)
        {
            throw new TeacherException(MessageOf(attempt), attempt.Exception)
            {
                Fault = fault,
                RetryAfter = attempt.RetryAfter,
                IsReached = attempt.IsReached,
            };
        }

        return new Trace
        {
            Request = request,
            Response = attempt.Text,
            Reasoning = attempt.Reasoning,
            Finish = attempt.Finish,
            Teacher = Name,
            PromptTokens = attempt.PromptTokens,
            CompletionTokens = attempt.CompletionTokens,
            Cost = ((attempt.PromptTokens * options.PromptPricePer1K) + (attempt.CompletionTokens * options.CompletionPricePer1K)) / 1000,
            Latency = time.GetElapsedTime(started),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => endpoint.Dispose();

    private string BodyOf(TeacherRequest request)
    {
        var messages = new JsonArray();
        if (request.SystemMessage.Length > 0)
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = request.SystemMessage });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = request.Query.Prompt });
        var body = new JsonObject
        {
            ["model"] = options.Model,
            ["messages"] = messages,
            ["temperature"] = options.Temperature,
            ["top_p"] = options.TopP,
            [maxTokensField] = options.MaxTokens,
        };
        foreach (var name in options.LeftOut)
        {
            body.Remove(name);
        }

        return body.ToJsonString();
    }

    private ResiliencePipeline<Attempt> RetryPipeline(Func<double>? jitter)
    {
        var builder = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time };
        if (options.Retries > 0)
        {
            var strategy = new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                // Who asks for a longer pause than is waited here is left alone that long by whoever asked.
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Result is { Fault: TeacherFault.Temporary } failed && !(failed.RetryAfter > options.MaxRetryDelay)),
                DelayGenerator = args => ValueTask.FromResult(LongerThanOurs(args.Outcome.Result?.RetryAfter)),
            };
            if (jitter is not null)
            {
                strategy.Randomizer = jitter;
            }

            builder.AddRetry(strategy);
        }

        return builder.Build();
    }

    // A pause of nothing, or nearly, is no reason to ask at once: then our own holds.
    private TimeSpan? LongerThanOurs(TimeSpan? asked) => asked > options.RetryDelay ? asked : null;

    private string MessageOf(Attempt attempt) => attempt.Fault switch
    {
        TeacherFault.Settings =>
            $"The teacher at {options.BaseUrl} {attempt.Message}; check the address, the model '{options.Model}' and the key"
            + (options.KeyVariable is null ? "." : $" in {options.KeyVariable}."),
        TeacherFault.Request => $"The teacher at {options.BaseUrl} {attempt.Message}; this question is left out.",
        TeacherFault.Unclear =>
            $"The teacher at {options.BaseUrl} {attempt.Message}; if every question is refused so, a setting is at fault: "
                + "a parameter, which can be left out, or what the key may do.",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"The teacher at {options.BaseUrl} {attempt.Message}, in {options.Retries + 1} attempts; check that it runs and is reachable."),
    };

    private static string? KeyOf(OpenAiTeacherOptions options)
    {
        if (options.KeyVariable is null)
        {
            return null;
        }

        var key = Environment.GetEnvironmentVariable(options.KeyVariable);
        return string.IsNullOrWhiteSpace(key)
            ? throw new TeacherException($"The key of the teacher at {options.BaseUrl} is missing; set the environment variable "
                + $"{options.KeyVariable}.")
            {
                Fault = TeacherFault.Settings,
            }
            : key.Trim().All(letter => letter is > ' ' and <= '~') ? key.Trim()
            : throw new TeacherException($"The key in {options.KeyVariable} holds a character that no key has; copy it again.")
            {
                Fault = TeacherFault.Settings,
            };
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
