using System.Globalization;

namespace Floodgate.Bench.Timelines;

/// <summary>Bars of text: one line for each value, the longest for the largest.</summary>
internal static class TextChart
{
    private const int Width = 50;

    /// <summary>Draws it.</summary>
    /// <param name="values">A label and a value of 0 or more for each bar.</param>
    /// <param name="unit">The unit of the values.</param>
    public static IReadOnlyList<string> Draw(IReadOnlyList<(string Label, double Value)> values, string unit)
    {
        if (values.Count == 0) return [];
        var most = values.Max(bar => bar.Value);
        var label = values.Max(bar => bar.Label.Length);
        return [.. values.Select(bar => string.Create(
            CultureInfo.InvariantCulture, $"{bar.Label.PadLeft(label)} |{new string('#', most > 0 ? (int)Math.Round(bar.Value / most * Width) : 0)} {bar.Value:0.0} {unit}"))];
    }
}
