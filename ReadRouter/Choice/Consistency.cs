namespace Floodgate.ReadRouter.Choice;

/// <summary>What a caller asks of a read, in the header <c>Floodgate-Consistency</c>.</summary>
internal enum Consistency
{
    /// <summary>Whatever is nearest.</summary>
    Eventual,

    /// <summary>Nothing older than what this session has written or read. The default.</summary>
    Session,

    /// <summary>The newest there is.</summary>
    Strong,
}
