using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orca.Cli.Teacher;

/// <summary>
/// Random numbers that depend on the seed, on what they are for, on the question and on how often it was asked; not on the order in
/// which calls happen to arrive.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Question">The question.</param>
/// <param name="Turn">How often it has been asked before.</param>
internal readonly record struct Draw(long Seed, string Question, int Turn)
{
    /// <summary>Above 0, up to 1.</summary>
    /// <param name="purpose">What it is for: another purpose gives another number.</param>
    public double Uniform(string purpose)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Seed}\0{purpose}\0{Turn}\0{Question}");
        var bits = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return ((bits >> 11) + 1) * (1.0 / (1UL << 53));
    }

    /// <summary>Of the standard normal distribution (Box and Muller).</summary>
    public double Normal(string purpose) =>
        Math.Sqrt(-2 * Math.Log(Uniform(purpose + " radius"))) * Math.Cos(2 * Math.PI * Uniform(purpose + " angle"));
}
