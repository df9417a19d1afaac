namespace Floodgate.ReadRouter.Door;

/// <summary>Why the door refused, as <c>floodgate.router.refused</c> counts it.</summary>
internal static class Refusal
{
    public const string Connections = "connections";
    public const string Requests = "requests";
    public const string Streams = "streams";
    public const string FailedAuthentications = "failed-authentications";
    public const string UserReads = "user-reads";
    public const string UserWrites = "user-writes";
    public const string AddressReads = "address-reads";
    public const string AddressWrites = "address-writes";
    public const string Time = "time";
}
