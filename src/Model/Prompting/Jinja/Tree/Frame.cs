using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>The variables of one scope; what it lacks is looked up in the scope around it.</summary>
/// <param name="context">The rendering it belongs to.</param>
/// <param name="outer">The scope around it; null for the outermost.</param>
internal sealed class Frame(RenderContext context, Frame? outer)
{
    private readonly Dictionary<string, JinjaValue> variables = new(StringComparer.Ordinal);

    public RenderContext Context { get; } = context;

    /// <summary>The value of a variable; null where no scope has it.</summary>
    public JinjaValue? Find(string name)
    {
        for (var frame = this; frame is not null; frame = frame.Outer)
        {
            if (frame.variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Sets a variable of this scope.</summary>
    public void Set(string name, JinjaValue value) => variables[name] = value;

    private Frame? Outer => outer;
}
