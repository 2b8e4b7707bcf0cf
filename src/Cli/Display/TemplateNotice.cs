using Orca.Model.Prompting;

namespace Orca.Cli.Display;

/// <summary>Tells how a student is asked.</summary>
internal static class TemplateNotice
{
    /// <summary>A line; where the template is a guess, a warning that says what helps.</summary>
    public static string Of(PromptTemplate template) => template.IsGuess
        ? $"warning: the model has no chat template; it is asked by '{template.Name}', guessed from its vocabulary. Put its own into its "
            + "folder as chat_template.jinja."
        : $"prompt template {template.Description} ({template.Hash[..12]})";
}
