using System.Globalization;

namespace Floodgate.Bench.Counters;

/// <summary>What the phases are called on the command line and in the tables.</summary>
internal static class PhaseName
{
    public const string Bare = "a";
    public const string Update = "b";
    public const string UpdateByFew = "b-few";
    public const string Increment = "c";
    public const string Like = "d";
    public const string LikeThroughGateway = "d-gateway";
    public const string Plain = "e";
    public const string PlainThroughGateway = "e-gateway";

    /// <summary>How many keys the heat is measured with; 1 is <see cref="Plain"/>.</summary>
    public static IReadOnlyList<int> Keys { get; } = [1, 10, 100, 10_000];

    /// <summary>All, in the order in which they run.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Bare, Update, UpdateByFew, Increment, Like, LikeThroughGateway, Plain, PlainThroughGateway, .. Keys.Skip(1).Select(WithKeys)];

    /// <summary>The plain counter over so many keys.</summary>
    public static string WithKeys(int keys) => keys == 1 ? Plain : string.Create(CultureInfo.InvariantCulture, $"e-{keys}");
}
