using System.Globalization;
using System.Text;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Parking;

/// <summary>An envelope for a person to read.</summary>
internal static class EnvelopeText
{
    private const int BytesPerLine = 16;

    /// <summary>What a message holds, line by line; what cannot be read is shown in hexadecimal, with the reason.</summary>
    public static string Describe(byte[] content)
    {
        var text = new StringBuilder();
        try
        {
            Append(text, EnvelopeCodec.Decode(content));
        }
        catch (InvalidEnvelopeException exception)
        {
            text.AppendLine(exception.Message);
            for (var first = 0; first < content.Length; first += BytesPerLine)
            {
                var line = content.AsSpan(first, Math.Min(BytesPerLine, content.Length - first));
                text.Append(CultureInfo.InvariantCulture, $"{first:x8}  ").Append(Convert.ToHexStringLower(line).PadRight(2 * BytesPerLine)).Append("  ");
                foreach (var value in line)
                {
                    text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
                }

                text.AppendLine();
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, CounterEnvelope envelope)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"envelope  producer {envelope.Id.Producer}, partition {envelope.Id.Partition}, sequence {envelope.Id.Sequence}");
        text.AppendLine(CultureInfo.InvariantCulture, $"sent      {envelope.SentAt.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC");
        foreach (var delta in envelope.Deltas)
        {
            text.Append(CultureInfo.InvariantCulture, $"delta     {delta.Counter} {delta.Amount:+0;-0;0}");
            text.AppendLine(delta.Request is { } request ? $"  (user {request.User}, Idempotency-Key {request.Key})" : "");
        }

        foreach (var reaction in envelope.Reactions)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"reaction  user {reaction.User} {(reaction.Liked ? "likes" : "does not like")} post {reaction.Post}, version {reaction.Version}");
        }
    }
}
