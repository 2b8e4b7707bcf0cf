using System.Collections.Immutable;
using System.Text;

namespace Orca.Model.Prompting;

/// <summary>A template of Orca's own as a chat template in Jinja, which other tools read.</summary>
internal static class SectionTemplateJinja
{
    /// <summary>The chat template's text: for conversations that both have a form for, both write the same.</summary>
    public static string Write(SectionTemplate template)
    {
        var opening = Written(template.Opening, "");
        var end = template.End is null ? "{{ eos_token }}" : Printed(template.End);
        return (template.BeginsWithStartToken ? "{{ bos_token }}" : "")
            + "{% for message in messages %}"

                + "{% if message['role'] == 'system' %}{% if message['content'] %}"
                + Written(template.System, "{{ message['content'] }}")
                + "{% endif %}"
            + "{% elif message['role'] == 'user' %}" + Written(template.User, "{{ message['content'] }}")
            + "{% elif message['role'] == 'assistant' %}" + opening + "{{ message['content'] }}" + end + Written(template.AfterAnswer, "")
            + "{% else %}{{ raise_exception('The roles are system, user and assistant.') }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}" + opening + "{% endif %}";
    }

    private static string Written(ImmutableArray<TemplatePart> parts, string message) => string.Concat(parts.Select(part =>
        part.Kind == TemplatePartKind.Message ? message : Printed(part.Value)));

    // As a value rather than as text of the template, so that no line break is lost beside a tag.
    private static string Printed(string text)
    {
        var quoted = new StringBuilder("{{ '");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '\n' => "\\n",
                '\\' => "\\\\",
                '\'' => "\\'",
                _ => character.ToString(),
            });
        }

        return quoted.Append("' }}").ToString();
    }
}
