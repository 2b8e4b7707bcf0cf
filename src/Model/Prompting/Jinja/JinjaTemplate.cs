using Orca.Model.Prompting.Jinja.Syntax;
using Orca.Model.Prompting.Jinja.Tree;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja;

/// <summary>
/// A template in the part of Jinja that chat templates use, with the meaning that jinja2 gives it as Hugging Face's
/// transformers sets it up. Reads no files, and is bounded in what it computes and writes (<see cref="RenderContext"/>).
/// Immutable and safe to use from several threads.
/// </summary>
/// <remarks>
/// Left out, and refused by name when a template is read: other templates (<c>include</c>, <c>import</c>, <c>extends</c>,
/// <c>block</c>), recursive loops, arguments behind <c>*</c>, and methods that change values.
/// </remarks>
internal sealed class JinjaTemplate
{
    private readonly Body body;

    private JinjaTemplate(Body body) => this.body = body;

    /// <summary>Reads a template.</summary>
    /// <exception cref="JinjaSyntaxException">
    /// It is malformed, or uses something that is not known; the message says where and what.
    /// </exception>
    public static JinjaTemplate Parse(string template) => new(Parser.Parse(template));

    /// <summary>What the template writes with these variables.</summary>
    /// <param name="variables">By name.</param>
    /// <param name="clock">Tells templates that ask for it the time.</param>
    /// <exception cref="JinjaException">The template refuses them, cannot work with them, or takes too much.</exception>
    public TemplateText Render(IEnumerable<KeyValuePair<string, JinjaValue>> variables, TimeProvider clock)
    {
        var frame = new Frame(new RenderContext(clock), outer: null);
        foreach (var (name, value) in variables)
        {
            frame.Set(name, value);
        }

        var output = new TemplateTextBuilder();
        try
        {
            body.Execute(frame, output);
        }
        catch (InvalidOperationException failed) when (failed.InnerException is JinjaException inner)
        {
            // Sorting wraps what a comparison throws.
            throw new JinjaException(inner.Message);
        }

        return output.ToText();
    }
}
