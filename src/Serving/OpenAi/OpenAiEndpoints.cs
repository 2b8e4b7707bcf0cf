using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Orca.Serving.Engine;
using Orca.Serving.Grpc;
using Orca.Serving.Requests;
using Orca.Serving.Security;

namespace Orca.Serving.OpenAi;

/// <summary>The endpoints that clients of OpenAI's interface expect.</summary>
internal sealed class OpenAiEndpoints(
    InferenceEngine engine, OpenAiAnswers answers, ModelNames models, RefusalPace pace, ILogger<OpenAiEndpoints> logger)
{
    private const string Served = "POST /v1/chat/completions, POST /v1/completions, GET /v1/models, GET /v1/models/NAME, GET /health and "
        + "GET /metrics";

    // What a text completion has where it does not say: this interface's own number.
    private const int UsualCompletionTokens = 16;

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Serve(routes, "/v1/chat/completions", [HttpMethods.Post], context => ReadAsync(context, OpenAiJson.Wire.ChatRequest, ChatAsync));
        Serve(routes, "/v1/completions", [HttpMethods.Post], context => ReadAsync(context, OpenAiJson.Wire.CompletionRequest, CompleteAsync));
        Serve(routes, "/v1/models", [HttpMethods.Get, HttpMethods.Head], ListAsync);
        Serve(routes, "/v1/models/{**name}", [HttpMethods.Get, HttpMethods.Head], GetAsync);
        routes.Map("/{**path}", RefuseUnknownAsync).WithOrder(int.MaxValue).AllowAnonymous();
    }

    private void Serve(IEndpointRouteBuilder routes, string path, string[] methods, Func<HttpContext, Task> answer)
    {
        routes.MapMethods(path, methods, (RequestDelegate)(context => AnswerAsync(context, answer)))
            .WithMetadata(new NeedsScope(AccessScope.Read));
        routes.Map(path, context =>
        {
            context.Response.Headers.Allow = string.Join(", ", methods);
            return OpenAiError.WriteAsync(
                context, StatusCodes.Status405MethodNotAllowed,
                $"{context.Request.Method} is not served at {context.Request.Path}; send {string.Join(" or ", methods)}.");
        }).WithOrder(1).AllowAnonymous();
    }

    /// <summary>What is not mapped: says what is.</summary>
    private static Task RefuseUnknownAsync(HttpContext context) => GrpcRefusal.IsGrpc(context.Request)
        ? GrpcRefusal.WriteAsync(
            context.Response,
            new RpcException(new Status(StatusCode.Unimplemented, "There is no such method; server reflection lists those there are.")))
        : OpenAiError.WriteAsync(
            context, StatusCodes.Status404NotFound, $"{context.Request.Method} {context.Request.Path} is not served; there are {Served}.");

    /// <summary>Answers a request; what is wrong with it is said in the caller's own words.</summary>
    private static async Task ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<HttpContext, T, Task> answer)
        where T : OpenAiRequest
    {
        var request = await RequestBody.ReadAsync(context, type);
        try
        {
            await answer(context, request);
        }
        catch (GenerationException refusal) when (!refusal.Fields.IsEmpty)
        {
            throw GenerationException.Invalid(refusal.Fields.Select(fault => fault with { Field = request.NameOf(fault.Field) }));
        }
    }

    private async Task ChatAsync(HttpContext context, ChatRequest request)
    {
        var asked = request.ToRequest(
            ChatPrompts.Of(request), request.MaxCompletionTokens ?? request.MaxTokens,
            models.PolicyOf(request.Model), context.Identity().Name);
        var withLogprobs = request.Logprobs ?? false;
        asked = asked with
        {
            Format = FormatOf(request.ResponseFormat),
            Output = new OutputOptions { Logprobs = withLogprobs, TopLogprobs = request.TopLogprobs ?? 0 },
        };
        await answers.SendAsync(context, new PromptBatch(engine, [asked]), request, new ChatForm(withLogprobs));
    }

    private async Task CompleteAsync(HttpContext context, CompletionRequest request)
    {
        var (samples, withLogprobs, echo) = (request.N ?? 1, request.Logprobs is not null, request.Echo ?? false);
        if (request.BestOf is { } best && best != samples)
        {
            throw GenerationException.Invalid("best_of", $"is {best}; as many answers are made as are sent (n)");
        }

        if (withLogprobs && echo && request.Stream == true)
        {
            throw GenerationException.Invalid("echo", "with logprobs is not streamed; leave stream, echo or logprobs away");
        }

        var prompts = CompletionPrompts.Of(request.Prompt);
        var (weights, caller) = (models.PolicyOf(request.Model), context.Identity().Name);
        var output = new OutputOptions
        {
            Logprobs = withLogprobs,
            TopLogprobs = request.Logprobs ?? 0,
            Echo = echo,
            PromptLogprobs = withLogprobs && echo,
        };
        var asked = prompts
            .Select(prompt => request.ToRequest(prompt, request.MaxTokens ?? UsualCompletionTokens, weights, caller) with { Output = output })
            .ToImmutableArray();

        // All before the first is answered: a call fails as a whole.
        var builder = ImmutableArray.CreateBuilder<GenerationRequest>(asked.Length);
        for (var i = 0; i < asked.Length; i++)
        {
            builder.Add(await CheckAsync(asked[i], asked.Length > 1 ? $"prompt[{i}]" : "prompt", context.RequestAborted));
        }

        asked = builder.MoveToImmutable();
        var firstEchoed = output.PromptLogprobs
            ? asked.SelectMany(one => Enumerable.Repeat(FirstToken(one), samples)).ToImmutableArray()
            : [];
        await answers.SendAsync(
            context, new PromptBatch(engine, asked), request, new CompletionForm(withLogprobs, firstEchoed));
    }

    /// <summary>Checks a request, and gives it with its prompt's tokens.</summary>
    /// <exception cref="GenerationException">
    /// The request would be refused; what is wrong with its prompt is said of <paramref name="field"/>.
    /// </exception>
    private async Task<GenerationRequest> CheckAsync(GenerationRequest asked, string field, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.CheckAsync(asked, cancellationToken);
        }
        catch (GenerationException refusal) when (refusal.Fields is [{ Field: "input" or "token_ids" }])
        {
            throw GenerationException.Invalid(field, refusal.Fields[0].Message);
        }
    }

    /// <summary>The first token of a checked request's prompt; null where the caller's prompt does not hold that.</summary>
    private int? FirstToken(GenerationRequest asked) =>
        asked.Prompt is PromptInput.PlainText && !engine.Current.Language.Tokenizer.StartIds.IsEmpty ? null : asked.Encoded!.Tokens[0];

    private Task ListAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new ModelList("list", [.. models.List()]), OpenAiJson.Wire.ModelList, cancellationToken: context.RequestAborted);

    private Task GetAsync(HttpContext context)
    {
        // All of a path is decoded but its slashes.
        var name = ((string?)context.GetRouteValue("name") ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var entry = models.List().FirstOrDefault(model => model.Id == name) ?? throw ModelNames.Unknown(name);
        return context.Response.WriteAsJsonAsync(entry, OpenAiJson.Wire.ModelEntry, cancellationToken: context.RequestAborted);
    }

    private static ResponseFormat FormatOf(WantedFormat? format) => format?.Type switch
    {
        null or "text" => ResponseFormat.AnyText,
        "json_object" => ResponseFormat.AnyJson,
        "json_schema" => new ResponseFormat.JsonSchema(format.JsonSchema?.Schema?.GetRawText()
            ?? throw GenerationException.Invalid("response_format", "has no json_schema.schema")),
        _ => throw GenerationException.Invalid("response_format", $"is '{format.Type}'; text, json_object and json_schema are served"),
    };

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> answer)
    {
        try
        {
            if (HttpMethods.IsPost(context.Request.Method) && RequestBody.FaultOf(context.Request) is { } fault)
            {
                await OpenAiError.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, fault);
                return;
            }

            await answer(context);
        }
        catch (GenerationException failure)
        {
            await RefuseAsync(context, failure);
        }
        catch (BadHttpRequestException fault)
        {
            await OpenAiError.WriteAsync(context, fault.StatusCode, fault.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (OperationCanceledException)
        {
            await OpenAiError.WriteAsync(context, new GenerationException(Failure.Stopping, "The server stops."));
        }
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            OpenAiLog.RequestBroken(logger, fault);
            await OpenAiError.WriteAsync(
                context, new GenerationException(Failure.StepFailed, "The request failed by a fault of the server, which its log tells."));
        }
    }

    private async Task RefuseAsync(HttpContext context, GenerationException failure)
    {
        try
        {
            await pace.HoldAsync(context);
            await OpenAiError.WriteAsync(context, failure);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be refused.
        }
    }
}
