using Orca.Model.Prompting.Jinja.Library;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>Something that can be called: a macro, a method of a value, a function.</summary>
/// <param name="name">Its name.</param>
/// <param name="call">What it does.</param>
internal sealed class CallableValue(string name, Func<RenderContext, CallArguments, JinjaValue> call) : JinjaValue
{
    public override string TypeName => "function";

    public override bool IsTrue => true;

    public string Name { get; } = name;

    public JinjaValue Call(RenderContext context, CallArguments arguments) => call(context, arguments);
}
