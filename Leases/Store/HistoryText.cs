using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Floodgate.Sessions;

namespace Floodgate.Leases.Store;

/// <summary>
/// A history of timelines as the scripts read it: the present one, then each that was left and where, all in hexadecimal of fixed width:
/// <c>00000002 00000001=0000000003000158</c>.
/// </summary>
internal static class HistoryText
{
    private static readonly ConditionalWeakTable<TimelineHistory, string> Written = [];

    public static string Of(TimelineHistory history) => Written.GetValue(history, Write);

    private static string Write(TimelineHistory history)
    {
        var text = new StringBuilder(history.Current.ToString("X8", CultureInfo.InvariantCulture));
        foreach (var end in history.Ends)
        {
            text.Append(CultureInfo.InvariantCulture, $" {end.Timeline:X8}={end.End.Value:X16}");
        }

        return text.ToString();
    }
}
