using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>Lists the models that a key opens.</summary>
/// <param name="models">All models.</param>
/// <param name="callers">Who may call.</param>
internal sealed class ModelRoutes(ImmutableArray<TeacherModel> models, Callers callers)
{
    /// <summary>Maps them.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/v1/models", (RequestDelegate)(context => AnswerAsync(context, open => new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. open.Select(Row)]),
        })));
        app.MapGet("/v1/models/{name}", (RequestDelegate)(context => AnswerAsync(
            context,
            open => open.Where(model => model.Name == (string?)context.Request.RouteValues["name"]).Select(Row).FirstOrDefault())));
    }

    private async Task AnswerAsync(HttpContext context, Func<IEnumerable<TeacherModel>, JsonNode?> answer)
    {
        if (callers.Find(context.Request) is not { } caller)
        {
            await Refusals.WrongKey.WriteAsync(context);
        }
        else if (answer(models.Where(model => caller.Models.IsEmpty || caller.Models.Contains(model.Name))) is { } found)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(found.ToJsonString());
        }
        else
        {
            await Refusals.NoModel((string)context.Request.RouteValues["name"]!).WriteAsync(context);
        }
    }

    private static JsonNode Row(TeacherModel model) =>
        new JsonObject { ["id"] = model.Name, ["object"] = "model", ["created"] = 0, ["owned_by"] = "orca" };
}
