using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orca.Evaluation.Protocols;

/// <summary>Everything that a student is given for one question, to the last blank.</summary>
public sealed record Prompt
{
    /// <summary>The user's text; raw, all that the student reads.</summary>
    public required string Text { get; init; }

    /// <summary>The system message; empty for none.</summary>
    public string SystemMessage { get; init; } = "";

    /// <summary>Whether the text is read as it is, without a chat template.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Length at which an answer is cut, in tokens; 1 or more.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Sampling temperature; 0 takes the likeliest token.</summary>
    public double Temperature { get; init; }

    /// <summary>Seed of the sampling.</summary>
    public ulong Seed { get; init; }

    /// <summary>Texts that end an answer and are no part of it.</summary>
    public ImmutableArray<string> Stops { get; init; } = [];

    /// <summary>Texts of which the likeliest behind the prompt is the answer, instead of a generated one; empty generates.</summary>
    public ImmutableArray<string> Continuations { get; init; } = [];

    /// <summary>Changes with everything that is given: 16 bytes in hex.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new object[] { Text, SystemMessage, IsRaw, MaxTokens, Temperature, Seed, Stops, Continuations }))).AsSpan(0, 16));
}
