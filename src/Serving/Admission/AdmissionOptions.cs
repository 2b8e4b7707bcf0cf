using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Orca.Serving.Admission;

/// <summary>Who may wait, how many and how long, and in which order they are taken.</summary>
public sealed record AdmissionOptions
{
    /// <summary>
    /// Tokens of prompt and answer that may wait together; beyond it requests are refused. One always may, however long.
    /// Default 1,048,576.
    /// </summary>
    [Range(1L, 1L << 40)]
    public long MaxQueuedTokens { get; init; } = 1 << 20;

    /// <summary>
    /// Requests of one key, where keys are asked for, else of one tenant that may wait or run at once; null: no limit of its own.
    /// </summary>
    [Range(1, 1_048_576)]
    public int? MaxTenantRequests { get; init; }

    /// <summary>
    /// Tokens of one key's requests, where keys are asked for, else of one tenant's, that may wait; null: no limit of its own.
    /// One request always may.
    /// </summary>
    [Range(1L, 1L << 40)]
    public long? MaxTenantQueuedTokens { get; init; }

    /// <summary>
    /// What shares of the engine are weighed by, above 0: those of keys, by their names, and, within what a key has, those of the
    /// tenants that its requests name. Who is not named here has 1. Weight 2 is given twice the tokens of weight 1 while both wait.
    /// </summary>
    public ImmutableSortedDictionary<string, double> TenantWeights { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>
    /// Waiting that a level of priority is worth: a request is never overtaken by one of its tenant that came this much
    /// later for each level that it is more urgent. Default 30 s.
    /// </summary>
    public TimeSpan PriorityAgeing { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Everything wrong with these options, one sentence each; empty where nothing is.</summary>
    public ImmutableArray<string> Faults()
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), found, validateAllProperties: true);
        return
        [
            .. found.Select(fault => fault.ErrorMessage!),
            .. TenantWeights.Where(pair => !(double.IsFinite(pair.Value) && pair.Value > 0))
                .Select(pair => $"The weight of tenant '{pair.Key}' is {pair.Value}; give a number above 0."),
            .. PriorityAgeing < TimeSpan.Zero ? ["PriorityAgeing is negative; give 0 or more."] : Array.Empty<string>(),
        ];
    }

    internal double WeightOf(string tenant) => TenantWeights.GetValueOrDefault(tenant, 1);
}
