namespace Orca.Streams.Storage;

/// <summary>
/// US dollars as the store keeps them: whole numbers of a millionth of a millionth, so that sums are exact: what one token costs has
/// more places than a cent.
/// </summary>
internal static class Money
{
    private const decimal UnitsPerDollar = 1_000_000_000_000;

    public static long Units(decimal dollars) => (long)Math.Ceiling(dollars * UnitsPerDollar);

    public static decimal Of(long units) => units / UnitsPerDollar;
}
