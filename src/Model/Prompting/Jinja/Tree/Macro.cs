using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>A piece of a template that can be called, and gives what it writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names of its parameters, each with its value where none is given, if it has one.</param>
/// <param name="Body">What it writes.</param>
internal sealed record Macro(string Name, ImmutableArray<(string Name, Expression? Default)> Parameters, Body Body)
{
    /// <summary>The macro as a value; it sees the variables around it.</summary>
    public CallableValue In(Frame frame) => new(Name, (context, arguments) => Call(new Frame(context, frame), arguments));

    private TextValue Call(Frame frame, CallArguments arguments)
    {
        frame.Context.EnterMacro();
        var given = arguments.Bind(Name, [.. Parameters.Select(parameter => parameter.Name)]);
        for (var i = 0; i < Parameters.Length; i++)
        {
            var (name, initial) = Parameters[i];
            frame.Set(name, given[i] ?? initial?.Evaluate(frame) ?? new UndefinedValue($"parameter '{name}' was not provided"));
        }

        if (arguments.Caller is { } caller)
        {
            frame.Set("caller", caller);
        }

        var text = Body.Capture(frame);
        frame.Context.LeaveMacro();
        return text;
    }
}

/// <summary><c>macro</c>: makes it a variable.</summary>
internal sealed class MacroStatement(Macro macro) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        frame.Set(macro.Name, macro.In(frame));
        return Flow.Next;
    }
}

/// <summary><c>call</c>: calls a macro, which may write the block's body by <c>caller()</c>.</summary>
internal sealed class CallBlockStatement(CallExpression call, Macro caller) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var written = call.Call(frame, caller.In(frame));
        return new PrintStatement(new ConstantExpression(written)).Execute(frame, output);
    }
}
