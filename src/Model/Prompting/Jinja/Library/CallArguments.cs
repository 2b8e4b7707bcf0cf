using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>What a function, filter, test or macro is called with.</summary>
/// <param name="Positional">By their place.</param>
/// <param name="Named">By name.</param>
internal sealed record CallArguments(ImmutableArray<JinjaValue> Positional, ImmutableArray<KeyValuePair<string, JinjaValue>> Named)
{
    /// <summary>No arguments.</summary>
    public static CallArguments None { get; } = new([], []);

    /// <summary>Gives what the body of a <c>call</c> block writes; null where it is called otherwise.</summary>
    public JinjaValue? Caller { get; init; }

    /// <summary>The arguments in the order of the parameters; null for each that is not given.</summary>
    /// <param name="callee">What is called, for the error text.</param>
    /// <param name="parameters">The parameters' names.</param>
    /// <exception cref="JinjaException">There are too many, or one has a name that is not a parameter's, or is given twice.</exception>
    public JinjaValue?[] Bind(string callee, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Length > parameters.Length)
        {
            throw new JinjaException($"'{callee}' takes {parameters.Length} arguments at most, not {Positional.Length}");
        }

        var bound = new JinjaValue?[parameters.Length];
        for (var i = 0; i < Positional.Length; i++)
        {
            bound[i] = Positional[i];
        }

        foreach (var (name, value) in Named)
        {
            var place = parameters.IndexOf(name);
            if (place < 0 || bound[place] is not null)
            {
                throw new JinjaException($"'{callee}' {(place < 0 ? "has no argument" : "was given more than one argument")} '{name}'");
            }

            bound[place] = value;
        }

        return bound;
    }

    /// <summary>As <see cref="Bind"/>, where the first so many must be given.</summary>
    public JinjaValue?[] BindRequired(string callee, int required, params ReadOnlySpan<string> parameters)
    {
        var bound = Bind(callee, parameters);
        for (var i = 0; i < required; i++)
        {
            if (bound[i] is null)
            {
                throw new JinjaException($"'{callee}' needs the argument '{parameters[i]}'");
            }
        }

        return bound;
    }
}
