using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher.Batches;

/// <summary>Files and batches of OpenAI's interface.</summary>
/// <param name="files">The files.</param>
/// <param name="batches">The batches.</param>
/// <param name="callers">Who may call.</param>
internal sealed class BatchRoutes(FileShelf files, BatchShelf batches, Callers callers)
{
    private const string ChatEndpoint = "/v1/chat/completions";
    private const int MostListed = 100;
    private const string Invalid = "invalid_request_error";

    /// <summary>Maps them.</summary>
    public void Map(WebApplication app)
    {
        app.MapPost("/v1/files", Owned(UploadAsync));
        app.MapGet("/v1/files", Owned((context, owner) => WriteAsync(context, new { Object = "list", Data = files.Of(owner) })));
        app.MapGet("/v1/files/{id}", Owned((context, owner) => FoundAsync(context, files.Find(owner, IdIn(context)))));
        app.MapGet("/v1/files/{id}/content", Owned(ContentAsync));
        app.MapPost("/v1/batches", Owned(CreateAsync));
        app.MapGet("/v1/batches", Owned(ListAsync));
        app.MapGet("/v1/batches/{id}", Owned((context, owner) => FoundAsync(context, batches.Find(owner, IdIn(context)))));
        app.MapPost("/v1/batches/{id}/cancel", Owned((context, owner) => FoundAsync(
            context, batches.Find(owner, IdIn(context)) is { } batch ? batches.Cancel(batch) : null)));
    }

    private RequestDelegate Owned(Func<HttpContext, string, Task> answer) => context =>
        callers.Find(context.Request) is { } caller ? answer(context, caller.Name) : Refusals.WrongKey.WriteAsync(context);

    private async Task UploadAsync(HttpContext context, string owner)
    {
        if (!context.Request.HasFormContentType)
        {
            await RefuseAsync(context, "A file is uploaded as multipart/form-data.");
            return;
        }

        var most = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? long.MaxValue;
        var form = await context.Request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = most }, context.RequestAborted);
        if (form.Files.GetFile("file") is not { } file || form["purpose"].ToString() is not "batch")
        {
            await RefuseAsync(context, "Give a 'file', and 'batch' as its 'purpose'; no other purpose is served.");
            return;
        }

        await WriteAsync(context, files.Add(owner, file.FileName, "batch", file.CopyTo));
    }

    private async Task ContentAsync(HttpContext context, string owner)
    {
        if (files.Find(owner, IdIn(context)) is not { } file)
        {
            await FoundAsync<StoredFile>(context, null);
            return;
        }

        (context.Response.ContentType, context.Response.ContentLength) = ("application/octet-stream", file.Bytes);
        await context.Response.SendFileAsync(files.PathOf(file.Id), context.RequestAborted);
    }

    private async Task CreateAsync(HttpContext context, string owner)
    {
        var asked = await ReadAsync(context);
        if (asked is null)
        {
            await RefuseAsync(context, "The body must be a JSON object.");
        }
        else if ((string?)asked["endpoint"] != ChatEndpoint)
        {
            await RefuseAsync(context, $"The endpoint of a batch must be '{ChatEndpoint}'; no other is served.");
        }
        else if (files.Find(owner, (string?)asked["input_file_id"]) is not { Purpose: "batch" } file)
        {
            await RefuseAsync(context, $"There is no file '{(string?)asked["input_file_id"]}' for batches.");
        }
        else
        {
            await WriteAsync(context, batches.Add(
                owner, file.Id, ChatEndpoint, (string?)asked["completion_window"] ?? "24h", asked["metadata"]?.DeepClone() as JsonObject));
        }
    }

    private Task ListAsync(HttpContext context, string owner)
    {
        var all = batches.Of(owner);
        var after = context.Request.Query["after"].ToString();
        var from = after.Length == 0 ? all : [.. all.SkipWhile(batch => batch.Id != after).Skip(1)];
        var most = int.TryParse(context.Request.Query["limit"], out var limit) ? Math.Clamp(limit, 1, MostListed) : 20;
        var page = from.Take(most).ToList();
        return WriteAsync(context, new
        {
            Object = "list",
            Data = page,
            FirstId = page.FirstOrDefault()?.Id,
            LastId = page.LastOrDefault()?.Id,
            HasMore = from.Length > page.Count,
        });
    }

    private static async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? IdIn(HttpContext context) => (string?)context.Request.RouteValues["id"];

    private static Task FoundAsync<T>(HttpContext context, T? found)
        where T : class => found is null
        ? Refusal.Of(404, $"There is no '{IdIn(context)}'.", Invalid, "not_found").WriteAsync(context)
        : WriteAsync(context, found);

    private static Task WriteAsync<T>(HttpContext context, T value) =>
        context.Response.WriteAsJsonAsync(value, StateFolder.Form, context.RequestAborted);

    private static Task RefuseAsync(HttpContext context, string message) => Refusal.Of(400, message, Invalid, null).WriteAsync(context);
}
