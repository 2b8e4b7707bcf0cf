using System.Runtime.CompilerServices;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja;

/// <summary>What one rendering has besides its variables: the clock, and how much it may still compute and write.</summary>
/// <param name="clock">Tells <c>strftime_now</c> the time.</param>
/// <remarks>
/// A step is one node of the template visited, one element of a list made, or sixty-four characters of text made. So both the
/// time and the memory of a rendering are bounded, whatever the template and the conversation hold.
/// </remarks>
internal sealed class RenderContext(TimeProvider clock)
{
    /// <summary>Steps of a rendering: a thousand turns of a long template take a tenth of them.</summary>
    public const int MaxSteps = 4_000_000;

    /// <summary>Characters of any text that is made, the rendered conversation included.</summary>
    public const int MaxTextLength = 8 * 1024 * 1024;

    /// <summary>Macros that may be in the midst of each other.</summary>
    public const int MaxMacroDepth = 64;

    private const int CharactersPerStep = 64;

    private long steps;
    private int macroDepth;

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>Takes steps.</summary>
    /// <exception cref="JinjaException">There are no more.</exception>
    public void Spend(long count = 1)
    {
        steps += count;
        if (steps > MaxSteps)
        {
            throw new JinjaException($"the chat template takes more than {MaxSteps} steps for this conversation");
        }
    }

    /// <summary>Takes the steps of making a text, before it is made.</summary>
    /// <exception cref="JinjaException">It is too long, or there are no more steps.</exception>
    public void SpendText(long characters)
    {
        CheckLength(characters);
        Spend(1 + (characters / CharactersPerStep));
    }

    /// <summary>Makes sure that a text is not too long.</summary>
    /// <exception cref="JinjaException">It is.</exception>
    public static void CheckLength(long characters)
    {
        if (characters > MaxTextLength)
        {
            throw new JinjaException($"the chat template makes a text of more than {MaxTextLength} characters");
        }
    }

    /// <summary>Takes the steps of a text that was made.</summary>
    public TextValue Spent(TemplateText text)
    {
        SpendText(text.Value.Length);
        return new TextValue(text);
    }

    /// <summary>Enters a macro; <see cref="LeaveMacro"/> leaves it.</summary>
    /// <exception cref="JinjaException">Too many are open.</exception>
    public void EnterMacro()
    {
        GuardStack();
        if (++macroDepth > MaxMacroDepth)
        {
            throw new JinjaException($"the chat template's macros call each other more than {MaxMacroDepth} deep");
        }
    }

    /// <summary>Leaves the macro last entered.</summary>
    public void LeaveMacro() => macroDepth--;

    /// <summary>Makes sure that there is stack for one more level of whatever is nested.</summary>
    /// <exception cref="JinjaException">There is none.</exception>
    public static void GuardStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaException("the chat template nests expressions or values too deeply");
        }
    }
}
