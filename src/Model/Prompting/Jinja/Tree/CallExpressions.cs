using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>The arguments of a call, as the template has them.</summary>
/// <param name="Positional">By their place.</param>
/// <param name="Named">By name.</param>
internal sealed record ArgumentList(ImmutableArray<Expression> Positional, ImmutableArray<(string Name, Expression Value)> Named)
{
    public static ArgumentList None { get; } = new([], []);

    public CallArguments Evaluate(Frame frame) => new(
        [.. Positional.Select(argument => argument.Evaluate(frame))],
        [.. Named.Select(argument => KeyValuePair.Create(argument.Name, argument.Value.Evaluate(frame)))]);
}

/// <summary>A call of a function, macro or method.</summary>
internal sealed class CallExpression(Expression callee, ArgumentList arguments) : Expression
{
    public Expression Callee => callee;

    protected override JinjaValue Compute(Frame frame) => Call(frame, caller: null);

    /// <summary>Calls it with the body of a <c>call</c> block.</summary>
    public JinjaValue Call(Frame frame, JinjaValue? caller) => callee.Evaluate(frame) switch
    {
        CallableValue function => function.Call(frame.Context, arguments.Evaluate(frame) with { Caller = caller }),
        UndefinedValue undefined => throw undefined.Fault(),
        var other => throw new JinjaException($"a value of type '{other.TypeName}' cannot be called"),
    };
}

/// <summary><c>value | name(arguments)</c>.</summary>
internal sealed class FilterExpression(Expression target, Filter filter, ArgumentList arguments) : Expression
{
    protected override JinjaValue Compute(Frame frame) => filter(frame.Context, target.Evaluate(frame), arguments.Evaluate(frame));
}

/// <summary><c>value is name(arguments)</c>.</summary>
internal sealed class TestExpression(Expression target, Test test, ArgumentList arguments) : Expression
{
    protected override JinjaValue Compute(Frame frame) =>
        BooleanValue.Of(test(frame.Context, target.Evaluate(frame), arguments.Evaluate(frame)));
}
