using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Replay;

/// <summary>Finds an input file: as it is given, or by its bare name where the project keeps its data sets.</summary>
internal static class DataFile
{
    private static readonly string DataSets = Path.Combine("..", "shared", "data", "higgs");

    /// <summary>The path of the file an option names, or null where it is not given.</summary>
    public static string? Find(Arguments arguments, string option)
    {
        if (arguments.Text(option) is not { } given) return null;
        if (File.Exists(given)) return given;
        var kept = Path.Combine(DataSets, given);
        if (Path.GetFileName(given) == given && File.Exists(kept)) return kept;
        arguments.AddError(option, $"there is no file '{given}'.");
        return null;
    }
}
