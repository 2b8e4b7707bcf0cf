using System.Collections.Immutable;
using System.Globalization;

namespace Orca.Evaluation.Reports;

/// <summary>A published score of a model on a benchmark, in percent.</summary>
/// <param name="Suite">The benchmark.</param>
/// <param name="Model">The model.</param>
/// <param name="Source">Where it is published.</param>
/// <param name="Tasks">Of each task; empty where only the mean is published.</param>
/// <param name="Mean">Unweighted mean over the tasks, as it is published.</param>
public sealed record PublishedRow(
    string Suite, string Model, string Source, ImmutableSortedDictionary<string, double> Tasks, double Mean);

/// <summary>The rows that a report shows beside its own.</summary>
public static class PublishedRows
{
    private const string OrcaPaper = "arXiv 2306.02707";
    private const string Orca2Paper = "arXiv 2311.11045";

    // Table 11: ChatGPT, GPT-4, Vicuna-13B, Orca-13B.
    private const string Table11 = """
        boolean_expressions 82.8 77.6 40.8 72.0
        causal_judgement 57.2 59.9 42.2 59.9
        date_understanding 42.8 74.8 10.0 50.0
        disambiguation_qa 57.2 69.2 18.4 63.6
        formal_fallacies 53.6 64.4 47.2 56.0
        geometric_shapes 25.6 40.8 3.6 20.8
        hyperbaton 69.2 62.8 44.0 64.0
        logical_deduction_five_objects 38.8 66.8 4.8 39.6
        logical_deduction_seven_objects 39.6 66.0 1.2 36.0
        logical_deduction_three_objects 60.4 94.0 16.8 57.6
        movie_recommendation 55.4 79.5 43.4 78.3
        navigate 55.6 68.8 46.4 57.6
        penguins_in_a_table 45.9 76.7 15.1 42.5
        reasoning_about_colored_objects 47.6 84.8 12.0 48.4
        ruin_names 56.0 89.1 15.7 39.5
        salient_translation_error_detection 40.8 62.4 2.0 40.8
        snarks 59.0 87.6 28.1 62.4
        sports_understanding 79.6 84.4 48.4 67.2
        temporal_sequences 35.6 98.0 16.0 72.0
        tracking_shuffled_objects_five_objects 18.4 25.2 9.2 15.6
        tracking_shuffled_objects_seven_objects 15.2 25.2 5.6 14.0
        tracking_shuffled_objects_three_objects 31.6 42.4 23.2 34.8
        web_of_lies 56.0 49.6 41.2 51.2
        """;

    // Table 8: text-davinci-003, ChatGPT, GPT-4, Vicuna-13B, Orca-13B.
    private const string Table8 = """
        aqua-rat 29.9 31.9 40.6 20.1 27.9
        logiqa-en 22.7 35.0 49.3 29.8 35.2
        lsat-ar 21.7 24.4 35.2 20.4 21.3
        lsat-lr 47.5 52.6 80.6 32.6 43.9
        lsat-rc 64.7 65.4 85.9 32.7 57.3
        sat-math 35.5 42.7 64.6 28.6 32.3
        sat-en 74.8 81.1 88.8 44.2 76.7
        sat-en-without-passage 38.4 44.2 51.0 26.2 38.8
        """;

    /// <summary>All of them.</summary>
    public static ImmutableArray<PublishedRow> All { get; } =
    [
        .. Read("bbh", Table11, ("ChatGPT", 48.9), ("GPT-4", 67.4), ("Vicuna-13B", 23.3), ("Orca-13B", 49.7)),
        MeanAlone("bbh", "Orca-2-13B", 50.18),
        .. Read(
            "agieval", Table8, ("text-davinci-003", 41.9), ("ChatGPT", 47.2), ("GPT-4", 62.0), ("Vicuna-13B", 29.3), ("Orca-13B", 41.7)),
        MeanAlone("agieval", "Orca-2-13B", 49.93),
    ];

    private static PublishedRow MeanAlone(string suite, string model, double mean) =>
        new(suite, model, Orca2Paper, ImmutableSortedDictionary<string, double>.Empty, mean);

    private static IEnumerable<PublishedRow> Read(string suite, string table, params (string Model, double Mean)[] columns)
    {
        var lines = table.Split('\n').Select(line => line.Split(' ')).ToList();
        return columns.Select((column, place) => new PublishedRow(
            suite,
            column.Model,
            OrcaPaper,
            lines.ToImmutableSortedDictionary(line => line[0], line => double.Parse(line[place + 1], CultureInfo.InvariantCulture)),
            column.Mean));
    }
}
