using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Http;

/// <summary>Where the bytes of parts come from: a body that is here or streams in, or blocks.</summary>
internal interface IRangeSource
{
    /// <summary>Sends the bytes of a part; false: the visitor is gone.</summary>
    /// <exception cref="BodyAbortedException">They cannot be had: the response is to be reset.</exception>
    Task<bool> CopyAsync(HttpContext context, ByteRange range);
}
