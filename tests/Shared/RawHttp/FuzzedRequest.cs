namespace Floodgate.Tests.RawHttp;

/// <summary>A request as it goes over the wire, in Latin-1.</summary>
/// <param name="Text">The bytes.</param>
/// <param name="MayLackItsEnd">Whether the server may wait for more.</param>
internal sealed record FuzzedRequest(string Text, bool MayLackItsEnd)
{
    public override string ToString() => Text.Length > 600 ? Text[..600] + "…" : Text;
}
