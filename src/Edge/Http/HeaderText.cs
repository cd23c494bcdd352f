namespace OrleansCdn.Edge.Http;

/// <summary>RFC 9110 §5.5: which characters a field value may have.</summary>
public static class HeaderText
{
    public static bool IsAllowed(string[] lines)
    {
        foreach (string line in lines)
        {
            foreach (char c in line)
            {
                if ((c < 0x20 && c != '\t') || c is '\x7f' or > '\xff')
                {
                    return false;
                }
            }
        }

        return true;
    }
}
