namespace Orca.Streams.Tasks.Records;

/// <summary>Which of FLAN's templates are read, by a record's <c>template_type</c> (zs_opt, zs_noopt, fs_opt, fs_noopt).</summary>
public enum TemplateChoice
{
    /// <summary>Without worked examples before the question, as the paper has them.</summary>
    ZeroShot,

    /// <summary>Those with examples too.</summary>
    All,
}
