using System.Text.Json;
using Orca.Model.Prompting.Jinja;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Tests.Prompting.Jinja;

/// <summary>Renders templates with variables in JSON.</summary>
internal static class Rendering
{
    public static TemplateText Of(string template, string variables = "{}")
    {
        using var json = JsonDocument.Parse(variables);
        return Of(template, json.RootElement);
    }

    public static TemplateText Of(string template, JsonElement variables, TimeProvider? clock = null) => JinjaTemplate.Parse(template).Render(
        variables.EnumerateObject().Select(variable => KeyValuePair.Create(variable.Name, JsonValues.Of(variable.Value))),
        clock ?? TimeProvider.System);
}
