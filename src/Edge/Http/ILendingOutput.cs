namespace OrleansCdn.Edge.Http;

/// <summary>A connection whose next bytes may be sent from where they are stored, without a copy on the way to the socket.</summary>
/// <remarks>
/// Set as a connection feature, only where the server's output is what goes to the socket: HTTP/1.1 without TLS. Only for a
/// response that has started and has a Content-Length: for a chunked one the server writes into the memory that it is given.
/// </remarks>
internal interface ILendingOutput
{
    /// <summary>
    /// The next <c>GetMemory</c> of the connection's writer, if it asks for as much, gives out this very memory, so that
    /// advancing past it sends it. It must not change until the flush that follows has ended.
    /// </summary>
    void Lend(ReadOnlyMemory<byte> bytes);
}
